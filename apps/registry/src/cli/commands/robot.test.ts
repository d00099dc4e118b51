import { lines, list, ok, testCommands } from '../testing/commands.ts';

testCommands([
  {
    args: 'robot add deploy team/**',
    asks: [['POST /robots', { name: 'deploy', pattern: 'team/**' }]],
    answers: [ok({ name: 'deploy', pattern: 'team/**' }, 201)],
    prints: 'Robot deploy is there. Make it a token with: berth token create <name> --robot deploy\n',
  },
  {
    args: 'robot list',
    asks: [['GET /robots?n=1000']],
    answers: [list({ name: 'deploy', pattern: 'team/**', disabled: true })],
    prints: lines('NAME     OWNED BY   STATE', 'deploy   team/**    disabled'),
  },
  {
    args: 'robot disable deploy',
    asks: [['PATCH /robots/deploy', { disabled: true }]],
    answers: [ok({})],
    prints: 'Robot deploy is disabled.\n',
  },
  {
    args: 'robot enable deploy',
    asks: [['PATCH /robots/deploy', { disabled: false }]],
    answers: [ok({})],
    prints: 'Robot deploy is enabled.\n',
  },
  {
    args: 'robot rm deploy',
    asks: [['DELETE /robots/deploy']],
    answers: [ok()],
    prints: 'Robot deploy is removed.\n',
  },
  {
    args: 'robot show deploy',
    asks: [['GET /robots/deploy']],
    answers: [
      ok({
        name: 'deploy',
        pattern: 'team/**',
        disabled: false,
        createdAt: '2026-11-23T02:21:09.000Z',
        createdBy: 'alice',
      }),
    ],
    prints: lines(
      'name       deploy',
      'owned by   team/**',
      'state      active',
      'made       2026-11-23 02:21 UTC',
      'made by    alice',
    ),
  },
  {
    args: 'robot pattern deploy ops/**',
    asks: [['PATCH /robots/deploy', { pattern: 'ops/**' }]],
    answers: [ok({ name: 'deploy', pattern: 'ops/**' })],
    prints: 'Robot deploy is owned by ops/**.\n',
  },
]);
