import { lines, list, ok, testCommands } from '../testing/commands.ts';

const secret = `brt_${'a'.repeat(36)}`;

testCommands([
  {
    args: 'token create ci --user alice --repository team/app --actions pull',
    asks: [
      [
        'POST /tokens',
        { name: 'ci', user: 'alice', scopes: [{ repository: 'team/app', actions: ['pull'] }] },
      ],
    ],
    answers: [
      ok(
        {
          id: 't1',
          name: 'ci',
          owner: 'user:alice',
          secret,
          scopes: [{ repository: 'team/app', actions: ['pull'] }],
        },
        201,
      ),
    ],
    prints: lines(secret),
    complains: lines(
      '',
      'This is token t1, shown this once: keep it now.',
      'It may pull team/app.',
      'Log in with: docker login HOST -u alice, and paste it as the password.',
    ),
  },
  {
    args: 'token create d --robot deploy --repository a --actions pull --repository b --actions pull,push',
    asks: [
      [
        'POST /tokens',
        {
          name: 'd',
          robot: 'deploy',
          scopes: [
            { repository: 'a', actions: ['pull'] },
            { repository: 'b', actions: ['pull', 'push'] },
          ],
        },
      ],
    ],
    answers: [
      ok({ id: 't1', name: 'd', owner: 'robot:deploy', secret, expiresAt: '2030-12-31T18:00:00.000Z' }, 201),
    ],
    prints: lines(secret),
    complains: lines(
      '',
      'This is token t1, shown this once: keep it now.',
      'It may do whatever its owner may.',
      'It ends 2030-12-31 18:00 UTC.',
      'Log in with: docker login HOST -u deploy, and paste it as the password.',
    ),
  },
  {
    args: 'token create ci --repository team/app',
    complains:
      'berth: give --actions once for all, or once for each --repository, such as --actions pull,push\n',
    code: 2,
  },
  {
    args: 'token create ci --actions pull',
    complains: 'berth: --actions needs a --repository that it is about\n',
    code: 2,
  },
  {
    args: 'token list --user alice',
    asks: [['GET /tokens?user=alice&n=1000']],
    answers: [
      list({
        id: 't1',
        name: 'ci',
        owner: 'user:alice',
        scopes: [{ repository: 'team/app', actions: ['pull'] }],
      }),
    ],
    prints: lines('ID   NAME   OWNER        LIMITS', 't1   ci     user:alice   team/app:pull'),
  },
  { args: 'token rm t1', asks: [['DELETE /tokens/t1']], answers: [ok()], prints: 'Token t1 is removed.\n' },
]);
