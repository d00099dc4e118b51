import { lines, ok, testCommands } from '../testing/commands.ts';

testCommands([
  {
    args: 'whoami',
    asks: [['GET /me']],
    answers: [ok({ name: 'alice', kind: 'user', admin: false, teams: ['core', 'ops'] })],
    prints: lines('name    alice', 'kind    user', 'teams   core, ops'),
  },
  {
    args: 'whoami',
    asks: [['GET /me']],
    answers: [ok({ name: 'root', kind: 'user', admin: true, teams: [] })],
    prints: lines('name   root', 'kind   admin'),
  },
  {
    args: 'whoami',
    asks: [['GET /me']],
    answers: [ok({ name: 'local', kind: 'local', admin: true, teams: [] })],
    prints: lines('name   local', 'kind   the command line on this machine, which may do everything'),
  },
]);
