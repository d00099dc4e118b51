import { lines, list, ok, testCommands } from '../testing/commands.ts';

testCommands([
  {
    args: 'keys list',
    asks: [['GET /keys?n=1000']],
    answers: [list({ kid: 'k1', algorithm: 'ES256', signsFrom: '2026-11-23T02:21:09.000Z' })],
    prints: lines('KEY   ALGORITHM   SIGNS FROM', 'k1    ES256       2026-11-23 02:21 UTC'),
  },
  {
    args: 'keys rotate',
    asks: [['POST /keys/rotate']],
    answers: [ok({ kid: 'k2', signsFrom: '2026-11-23T02:21:09.000Z' })],
    prints: 'Key k2 is published and signs from 2026-11-23 02:21 UTC.\n',
  },
]);
