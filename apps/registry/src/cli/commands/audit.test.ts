import { lines, ok, testCommands } from '../testing/commands.ts';

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
  { args: 'audit --limit many', complains: 'berth: --limit many: write a whole number\n', code: 2 },
]);
