import { lines, ok, testCommands } from '../testing/commands.ts';

testCommands([
  {
    args: 'explain bob pull team/app',
    asks: [['POST /explain', { subject: 'user:bob', repository: 'team/app', actions: ['pull'] }]],
    answers: [
      ok({
        actions: {
          pull: {
            allowed: false,
            reason: 'bob may not pull team/app: no grant gives pull on team/app',
            path: 'bob',
          },
        },
        nearMisses: [
          {
            action: 'pull',
            kind: 'subject',
            grant: 'aaaabbbb',
            sentence:
              'grant aaaabbbb gives pull to team:core: bob is not a member of team core, and as one would have it',
          },
        ],
        suggestion: 'berth grant add user:bob reader team/app',
        registryAnswer: { status: 401, code: 'UNAUTHORIZED', message: 'the token gives less than is needed' },
      }),
    ],
    prints: lines(
      'bob may not pull team/app: no grant gives pull on team/app.',
      '  near miss     grant aaaabbbb gives pull to team:core: bob is not a member of team core, and as one would have it',
      '  to allow it   berth grant add user:bob reader team/app',
      '  the registry answers 401 UNAUTHORIZED: the token gives less than is needed',
    ),
  },
  {
    args: 'explain pull team/app',
    asks: [['POST /explain', { repository: 'team/app', actions: ['pull'] }]],
    answers: [
      ok({
        actions: {
          pull: {
            allowed: true,
            reason: 'alice may pull team/app: grant aaaabbbb gives pull',
            grant: 'aaaabbbb',
            path: 'alice → team:core → grant aaaabbbb writer team/**',
          },
        },
        nearMisses: [],
        registryAnswer: { status: 200, message: 'it does what is asked' },
      }),
    ],
    prints: lines(
      'alice may pull team/app: grant aaaabbbb gives pull.',
      '  through   alice → team:core → grant aaaabbbb writer team/**',
      '  the registry answers 200: it does what is asked',
    ),
  },
  {
    args: 'explain bob push,overwrite team/app:v1',
    asks: [
      [
        'POST /explain',
        { subject: 'user:bob', repository: 'team/app', tag: 'v1', actions: ['push', 'overwrite'] },
      ],
    ],
    answers: [
      ok({
        actions: {
          push: { allowed: true, reason: 'bob may push the tag v1 to team/app: it is so', path: 'bob' },
        },
        registryAnswer: { status: 200, message: 'it does what is asked, unless the tag is immutable' },
      }),
    ],
    prints: lines(
      'bob may push the tag v1 to team/app: it is so.',
      '  through   bob',
      '  the registry answers 200: it does what is asked, unless the tag is immutable',
    ),
  },
  {
    args: 'explain bob eat team/app',
    complains: 'berth: eat is no list of actions (pull,push,delete,create,overwrite,admin)\n',
    code: 2,
  },
]);
