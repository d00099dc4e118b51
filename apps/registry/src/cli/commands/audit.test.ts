import { lines, list, no, ok, testCommands } from '../testing/commands.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const pushed = (more: object) => ({
  at: '2026-11-23T02:21:09.000Z',
  actor: 'bob',
  action: 'registry.push',
  outcome: 'done',
  repository: 'team/app',
  ...more,
});

testCommands([
  {
    args: 'audit --subject bob --outcome denied --since 2026-11-23 --limit 2',
    asks: [['GET /audit?subject=bob&outcome=denied&since=2026-11-23T00%3A00%3A00.000Z&n=2']],
    answers: [
      ok({
        items: [
          {
            at: '2026-11-23T02:21:09.000Z',
            actor: 'bob',
            action: 'pull',
            outcome: 'denied',
            repository: 'team/app',
          },
          {
            at: '2026-11-23T02:20:09.000Z',
            actor: 'bob',
            action: 'login',
            outcome: 'failed',
            reason: 'wrong',
          },
        ],
        next: '17',
      }),
    ],
    prints: lines(
      'WHEN                   WHO   WHAT    OUTCOME   ABOUT      REASON',
      '2026-11-23 02:21 UTC   bob   pull    denied    team/app',
      '2026-11-23 02:20 UTC   bob   login   failed               wrong',
    ),
  },
  {
    args: 'audit --repository team/app --action registry.push',
    asks: [['GET /audit?repository=team%2Fapp&action=registry.push&n=50']],
    answers: [
      ok({
        items: [
          pushed({ target: '1.0', before: { digest: digest('a') }, after: { digest: digest('b') } }),
          pushed({ target: '1.0', after: { digest: digest('a') } }),
          pushed({ target: digest('c'), after: { digest: digest('c') } }),
          pushed({ target: '1.0', outcome: 'denied', reason: 'no' }),
        ],
      }),
    ],
    prints: lines(
      'WHEN                   WHO   WHAT            OUTCOME   ABOUT                                                                              REASON',
      '2026-11-23 02:21 UTC   bob   registry.push   done      team/app 1.0 is sha256:bbbbbbbbbbbb, was sha256:aaaaaaaaaaaa',
      '2026-11-23 02:21 UTC   bob   registry.push   done      team/app 1.0 is sha256:aaaaaaaaaaaa',
      `2026-11-23 02:21 UTC   bob   registry.push   done      team/app ${digest('c')}`,
      '2026-11-23 02:21 UTC   bob   registry.push   denied    team/app 1.0                                                                       no',
    ),
  },
  {
    args: 'audit --action grant',
    asks: [['GET /audit?action=grant&n=50']],
    answers: [list()],
    prints: 'There are none.\n',
  },
  {
    args: 'audit --action grant.creat',
    asks: [['GET /audit?action=grant.creat&n=50']],
    answers: [no(400, 'BAD_REQUEST', 'action: there is no action grant.creat; did you mean grant.create?')],
    complains: 'berth: action: there is no action grant.creat; did you mean grant.create?\n',
    code: 1,
  },
  {
    args: 'audit --limit 0',
    complains: 'berth: --limit 0: write a whole number above 0\n',
    code: 2,
  },
  {
    args: 'audit --outcome maybe',
    complains: 'berth: --outcome maybe is none of done, denied, failed\n',
    code: 2,
  },
]);
