import { lines, list, ok, testCommands } from '../testing/commands.ts';

testCommands([
  {
    args: 'repository list',
    asks: [['GET /repositories?n=1000']],
    answers: [list({ name: 'team/app', visibility: 'private', immutableTags: [], description: '' })],
    prints: lines('NAME       VISIBILITY', 'team/app   private'),
  },
  {
    args: 'repository show team/app',
    asks: [['GET /repositories/team/app']],
    answers: [
      ok({ name: 'team/app', visibility: 'internal', immutableTags: ['v*'], description: 'The app' }),
    ],
    prints: lines(
      'name             team/app',
      'visibility       internal: everyone who logs in pulls it',
      'immutable tags   v*',
      'description      The app',
    ),
  },
  {
    args: 'repository visibility team/app public',
    asks: [['PATCH /repositories/team/app', { visibility: 'public' }]],
    answers: [ok({})],
    prints: 'team/app is public: anyone pulls it, without logging in.\n',
  },
  {
    args: 'repository visibility team/app open',
    complains: 'berth: open is none of private, internal, public\n',
    code: 2,
  },
  {
    args: 'repository tags team/app',
    asks: [['GET /repositories/team/app/-/tags?n=1000']],
    answers: [
      list({ name: '1', digest: 'sha256:ab', pushedBy: 'alice', pushedAt: '2026-11-23T02:21:09.000Z' }),
    ],
    prints: lines(
      'TAG   DIGEST      PUSHED BY   PUSHED',
      '1     sha256:ab   alice       2026-11-23 02:21 UTC',
    ),
  },
  {
    args: 'repository access team/app',
    asks: [['GET /repositories/team/app/-/access?n=1000']],
    answers: [
      list(
        { subject: 'authenticated', actions: ['pull'], through: 'visibility internal' },
        { subject: 'user:bob', actions: [], through: 'grant 7f3kq2ab deny reader team/**' },
      ),
    ],
    prints: lines(
      'WHO             ACTIONS   THROUGH',
      'authenticated   pull      visibility internal',
      'user:bob        nothing   grant 7f3kq2ab deny reader team/**',
    ),
  },
  { args: 'repository tags team//app', complains: 'berth: "" is no name\n', code: 2 },
]);
