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
]);
