import { lines, list, ok, testCommands } from '../testing/commands.ts';

testCommands([
  {
    args: 'team add core',
    asks: [['POST /teams', { name: 'core' }]],
    answers: [ok({ name: 'core' }, 201)],
    prints: 'Team core is there. Add people with: berth team member add core <user>\n',
  },
  {
    args: 'team add core --handover',
    asks: [['POST /teams', { name: 'core', handover: true }]],
    answers: [ok({ name: 'core' }, 201)],
  },
  {
    args: 'team list',
    asks: [['GET /teams?n=1000']],
    answers: [list({ name: 'core', createdAt: '2026-11-23T02:21:09.000Z' })],
    prints: lines('NAME   MADE', 'core   2026-11-23 02:21 UTC'),
  },
  { args: 'team list', asks: [['GET /teams?n=1000']], answers: [list()], prints: 'There are none.\n' },
  {
    args: 'team rm core',
    asks: [['DELETE /teams/core']],
    answers: [ok()],
    prints: 'Team core is removed.\n',
  },
  {
    args: 'team member add core alice',
    asks: [['PUT /teams/core/members/alice']],
    answers: [ok()],
    prints: 'alice is in team core.\n',
  },
  {
    args: 'team member list core',
    asks: [['GET /teams/core/members?n=1000']],
    answers: [list({ name: 'alice' })],
    prints: 'NAME\nalice\n',
  },
  {
    args: 'team member rm core alice',
    asks: [['DELETE /teams/core/members/alice']],
    answers: [ok()],
    prints: 'alice is not in team core any more.\n',
  },
  {
    args: 'team show core',
    asks: [['GET /teams/core']],
    answers: [ok({ name: 'core', createdAt: '2026-11-23T02:21:09.000Z' })],
    prints: lines('name   core', 'made   2026-11-23 02:21 UTC'),
  },
]);
