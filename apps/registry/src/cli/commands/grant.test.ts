import { lines, list, ok, testCommands } from '../testing/commands.ts';

const grant = {
  id: '7f3kq2ab',
  effect: 'allow',
  subject: 'user:bob',
  repository: 'team/app',
  role: 'reader',
  actions: ['pull'],
  createdBy: 'local',
  createdAt: '2026-11-23T02:21:09.000Z',
};

const teamGrant = {
  ...grant,
  id: 'aaaabbbb',
  subject: 'team:core',
  repository: 'team/**',
  role: 'writer',
  actions: ['pull', 'push', 'create', 'overwrite'],
  expiresAt: '2030-12-31T18:00:00.000Z',
  comment: 'the core team',
};

testCommands([
  {
    args: 'grant add bob reader team/app',
    asks: [['POST /grants', { subject: 'user:bob', repository: 'team/app', role: 'reader' }]],
    answers: [ok(grant, 201)],
    prints: 'Grant 7f3kq2ab: bob may pull team/app (reader).\n',
  },
  {
    args: 'grant add team:core writer team/** --expires 2030-12-31T18:00:00Z --tags v1.* --comment why',
    asks: [
      [
        'POST /grants',
        {
          subject: 'team:core',
          repository: 'team/**',
          role: 'writer',
          expiresAt: '2030-12-31T18:00:00.000Z',
          tags: 'v1.*',
          comment: 'why',
        },
      ],
    ],
    answers: [ok({ ...teamGrant, tags: 'v1.*' }, 201)],
    prints:
      'Grant aaaabbbb: everyone in team core may pull, push, create and overwrite everything below team (writer), tags v1.* only, until 2030-12-31 18:00 UTC.\n',
  },
  {
    args: 'grant add anonymous pull,push public/* --deny',
    asks: [
      [
        'POST /grants',
        { effect: 'deny', subject: 'anonymous', repository: 'public/*', actions: ['pull', 'push'] },
      ],
    ],
    answers: [
      ok(
        { id: 'x', effect: 'deny', subject: 'anonymous', repository: 'public/*', actions: ['pull', 'push'] },
        201,
      ),
    ],
    prints:
      'Grant x: anyone, without logging in, may not pull or push every repository directly below public.\n',
  },
  {
    args: 'grant add bob reader team/app --dry-run',
    asks: [['POST /grants?dryRun=true', { subject: 'user:bob', repository: 'team/app', role: 'reader' }]],
    answers: [
      ok({ added: [{ subject: 'user:bob', repository: 'team/app', actions: ['pull'] }], removed: [] }),
    ],
    prints: lines('Nothing was changed. After it:', '  bob could pull team/app'),
  },
  {
    args: 'grant add bob reader team/app --dry-run',
    asks: [['POST /grants?dryRun=true', { subject: 'user:bob', repository: 'team/app', role: 'reader' }]],
    answers: [ok({ added: [], removed: [] })],
    prints: 'It would change nothing: other grants say the same already.\n',
  },
  {
    args: 'grant add bob reader team/app',
    asks: [['POST /grants', { subject: 'user:bob', repository: 'team/app', role: 'reader' }]],
    answers: [ok(grant)],
    prints: 'Grant 7f3kq2ab is there already: bob may pull team/app (reader).\n',
  },
  {
    args: 'grant add bob reader team/app --comment new',
    asks: [['POST /grants', { subject: 'user:bob', repository: 'team/app', role: 'reader', comment: 'new' }]],
    answers: [ok({ ...grant, comment: 'old' })],
    prints: 'Grant 7f3kq2ab is there already: bob may pull team/app (reader). It keeps its comment: old\n',
  },
  {
    args: 'grant add bob raeder team/app',
    complains:
      'berth: raeder is neither a role (reader, writer, publisher, maintainer, owner) nor a list of actions (pull,push,delete,create,overwrite,admin)\n',
    code: 2,
  },
  {
    args: 'grant add bob reader team/app --expires soon',
    complains: 'berth: soon is no time: write 30m, 12h, 14d, 2w or a date such as 2030-12-31T18:00:00Z\n',
    code: 2,
  },
  {
    args: 'grant list',
    asks: [['GET /grants?n=1000']],
    answers: [list(grant, { ...teamGrant, effect: 'deny', comment: 'evil\u001b[2J' })],
    prints: lines(
      'ID         SUBJECT     RIGHTS        REPOSITORY   EXPIRES                MADE BY   COMMENT',
      '7f3kq2ab   user:bob    reader        team/app                            local',
      String.raw`aaaabbbb   team:core   deny writer   team/**      2030-12-31 18:00 UTC   local     evil\u001b[2J`,
    ),
  },
  {
    args: 'grant list --subject bob --repository team/app',
    asks: [['GET /grants?subject=user%3Abob&repository=team%2Fapp&n=1000']],
    answers: [list()],
    prints: 'There are none.\n',
  },
  {
    args: 'grant show 7f3kq2ab',
    asks: [['GET /grants/7f3kq2ab']],
    answers: [ok(grant)],
    prints: 'Grant 7f3kq2ab: bob may pull team/app (reader).\n',
  },
  {
    args: 'grant show 7f3kq2ab',
    asks: [['GET /grants/7f3kq2ab']],
    answers: [ok({ ...grant, subject: 'user:bob\u001b[2Kroot' })],
    prints: 'Grant 7f3kq2ab: bob\\u001b[2Kroot may pull team/app (reader).\n',
  },
  {
    args: 'grant rm 7f3kq2ab --dry-run',
    asks: [['DELETE /grants/7f3kq2ab?dryRun=true']],
    answers: [
      ok({
        added: [],
        removed: [{ subject: 'team:core', repository: 'team/**', actions: ['pull', 'push'] }],
      }),
    ],
    prints: lines(
      'Nothing was changed. After it:',
      '  everyone in team core could no longer pull and push everything below team',
    ),
  },
  {
    args: 'grant rm 7f3kq2ab',
    asks: [['DELETE /grants/7f3kq2ab']],
    answers: [ok()],
    prints: 'Grant 7f3kq2ab is removed.\n',
  },
]);
