import { lines, list, no, ok, testCommands } from '../testing/commands.ts';

const held = { name: 'team/app', visibility: 'private', tags: 12, manifests: 30, blobs: 41, size: 1_234_567 };
const pushed = { pushedAt: '2026-11-23T02:21:09.000Z', pushedBy: 'alice' };
const image = {
  digest: 'sha256:ab',
  mediaType: 'an image',
  artifactType: 'a config',
  size: 600,
  totalSize: 3_400_000,
  config: { digest: 'sha256:c0', mediaType: 'a config', size: 1200 },
  layers: [
    {
      digest: 'sha256:1a',
      mediaType: 'a layer',
      size: 3_398_200,
      annotations: { 'org.opencontainers.image.title': 'notes.txt' },
    },
  ],
  manifests: [],
  tags: ['1', 'latest'],
  ...pushed,
  referrers: [{ digest: 'sha256:51', mediaType: 'a manifest', artifactType: 'a signature', size: 700 }],
};
const index = {
  digest: 'sha256:1d',
  mediaType: 'an index',
  size: 900,
  totalSize: 3_400_900,
  subject: 'sha256:5b',
  annotations: { color: 'blue' },
  layers: [],
  manifests: [
    {
      digest: 'sha256:ab',
      mediaType: 'an image',
      size: 600,
      totalSize: 3_400_000,
      platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
    },
    { digest: 'sha256:ff', mediaType: 'an image', size: 600 },
  ],
  tags: [],
  ...pushed,
  referrers: [{ digest: 'sha256:51', mediaType: 'a manifest', size: 700 }],
  moreReferrers: true,
};

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
    args: 'repository show team/app',
    asks: [['GET /repositories/team/app']],
    answers: [ok({ ...held, immutableTags: [], description: '' })],
    prints: lines(
      'name         team/app',
      'visibility   private: only who has a grant pulls it',
      'tags         12',
      'manifests    30',
      'size         1.2 MB',
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
    args: 'repository immutable team/app v*,latest',
    asks: [['PATCH /repositories/team/app', { immutableTags: ['v*', 'latest'] }]],
    answers: [ok({})],
    prints: 'Nobody moves or deletes these tags of team/app: v*, latest.\n',
  },
  {
    args: 'repository immutable team/app --none',
    asks: [['PATCH /repositories/team/app', { immutableTags: [] }]],
    answers: [ok({})],
    prints: 'No tag of team/app is immutable.\n',
  },
  {
    args: 'repository immutable team/app',
    complains: 'berth: give either tags, as v1.*,latest, or --none\n',
    code: 2,
  },
  {
    args: 'repository tags team/app',
    asks: [['GET /repositories/team/app/-/tags?n=1000']],
    answers: [
      list(
        { name: '1', digest: 'sha256:ab', size: 3_400_000, ...pushed },
        { name: 'old', digest: 'sha256:cd', size: 900, ...pushed },
      ),
    ],
    prints: lines(
      'TAG   DIGEST      SIZE     PUSHED BY   PUSHED',
      '1     sha256:ab   3.4 MB   alice       2026-11-23 02:21 UTC',
      'old   sha256:cd   900 B    alice       2026-11-23 02:21 UTC',
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
  {
    args: 'repository manifest team/app latest',
    asks: [['GET /repositories/team/app/-/manifests/latest']],
    answers: [ok(image)],
    prints: lines(
      'digest          sha256:ab',
      'type            an image',
      'artifact type   a config',
      'size            3.4 MB, of which the manifest 600 B',
      'tags            1, latest',
      'pushed          2026-11-23 02:21 UTC by alice',
      '',
      'BLOB        TYPE       SIZE     FILE',
      'sha256:c0   a config   1.2 kB',
      'sha256:1a   a layer    3.4 MB   notes.txt',
      '',
      'REFERRER    TYPE          SIZE',
      'sha256:51   a signature   700 B',
    ),
  },
  {
    args: 'repository manifest team/app sha256:1d',
    asks: [['GET /repositories/team/app/-/manifests/sha256%3A1d']],
    answers: [ok(index)],
    prints: lines(
      'digest      sha256:1d',
      'type        an index',
      'size        3.4 MB, of which the manifest 900 B',
      'pushed      2026-11-23 02:21 UTC by alice',
      'refers to   sha256:5b',
      'color       blue',
      '',
      'PLATFORM         MANIFEST    SIZE',
      'linux/arm64/v8   sha256:ab   3.4 MB',
      '                 sha256:ff',
      '',
      'REFERRER    TYPE         SIZE',
      'sha256:51   a manifest   700 B',
      'and more referrers',
    ),
  },
  {
    args: 'repository manifest team/app 1 --json',
    asks: [['GET /repositories/team/app/-/manifests/1']],
    answers: [ok(index)],
    prints: `${JSON.stringify(index, null, 2)}\n`,
  },
  {
    args: 'repository rm team/app --yes',
    asks: [['DELETE /repositories/team/app']],
    answers: [ok()],
    prints: 'Repository team/app is removed.\n',
  },
  {
    args: 'repository rm team/app',
    given: { typed: ['yes\n'] },
    asks: [['GET /repositories/team/app'], ['DELETE /repositories/team/app']],
    answers: [ok(held), ok()],
    complains:
      'team/app goes for good, with 12 tags, 30 manifests and 1.2 MB of blobs. Type yes to delete it: ',
    prints: 'Repository team/app is removed.\n',
  },
  {
    args: 'repository rm team/app --json',
    given: { typed: ['no\n'] },
    asks: [['GET /repositories/team/app']],
    answers: [ok(held)],
    complains: 'berth: that was not yes; nothing was changed\n',
    code: 2,
  },
  {
    args: 'repository rm team/other',
    given: { typed: ['\u0004'] },
    asks: [['GET /repositories/team/other']],
    answers: [ok(held)],
    complains: 'berth: given up; nothing was changed\n',
    code: 2,
  },
  {
    args: 'repository rm team/none',
    given: { typed: ['yes\n'] },
    asks: [['GET /repositories/team/none']],
    answers: [no(404, 'NOT_FOUND', 'there is none')],
    complains: 'berth: there is none\n',
    code: 1,
  },
  {
    args: 'repository rm team/piped',
    given: { stdin: 'yes\n' },
    complains: 'berth: nobody can be asked here: say --yes if you mean it\n',
    code: 2,
  },
  { args: 'repository tags team//app', complains: 'berth: "" is no name\n', code: 2 },
]);
