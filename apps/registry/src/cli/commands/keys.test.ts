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
  {
    args: 'keys rotate --from 2030-12-31T18:00:00Z',
    asks: [['POST /keys/rotate', { signsFrom: '2030-12-31T18:00:00.000Z' }]],
    answers: [ok({ kid: 'k2', signsFrom: '2030-12-31T18:00:00.000Z' })],
    prints: 'Key k2 is published and signs from 2030-12-31 18:00 UTC.\n',
  },
  {
    args: 'keys export',
    asks: [['GET /keys/export']],
    answers: [ok({ keys: [] })],
    prints: lines('{', '  "keys": []', '}'),
  },
  {
    args: 'keys export --format pem',
    asks: [['GET /keys/export?format=pem']],
    answers: [ok({ pem: 'one\ntwo\n' })],
    prints: lines('one', 'two'),
  },
]);
