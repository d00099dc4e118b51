import { expect, test } from 'vitest';
import { denied, missing, testCalls, tomorrow } from '../testing/call-table.ts';

const world = testCalls([
  [
    'a token of oneself',
    'alice POST /tokens',
    {
      body: { name: 'laptop', expiresAt: tomorrow, scopes: [{ repository: 'alice/**', actions: ['pull'] }] },
    },
    201,
    {
      name: 'laptop',
      owner: 'user:alice',
      expiresAt: tomorrow,
      secret: expect.stringMatching(/^brt_/),
      scopes: [{ repository: 'alice/**', actions: ['pull'] }],
    },
  ],
  [
    'a token of a robot',
    'alice POST /tokens',
    { body: { name: 'ci', robot: 'ci' } },
    201,
    { owner: 'robot:ci' },
  ],
  [
    'a token of a hidden robot',
    'bob POST /tokens',
    { body: { name: 'ci', robot: 'ci' } },
    404,
    missing('robot'),
  ],
  ['a token of another user', 'bob POST /tokens', { body: { name: 'x', user: 'alice' } }, 403, denied],
  [
    'for administrators',
    'root POST /tokens',
    { body: { name: 'x', user: 'alice' } },
    201,
    { owner: 'user:alice' },
  ],
  ['a robot makes none for itself', 'robot POST /tokens', { body: { name: 'x' } }, 403, denied],
  ['a token with limits makes none', 'narrow POST /tokens', { body: { name: 'x' } }, 403, denied],
  [
    'an expiry in the past',
    'alice POST /tokens',
    { body: { name: 'x', expiresAt: '2020-01-01T00:00:00Z' } },
    400,
    expect.stringContaining('expiresAt:'),
  ],
  [
    'both owners',
    'root POST /tokens',
    { body: { name: 'x', user: 'alice', robot: 'ci' } },
    400,
    expect.stringContaining('robot:'),
  ],
  [
    'an unknown action',
    'alice POST /tokens',
    { body: { name: 'x', scopes: [{ repository: '**', actions: ['*'] }] } },
    400,
    expect.stringContaining('scopes'),
  ],
  [
    'the command line says whose',
    'local POST /tokens',
    { body: { name: 'x' } },
    400,
    { code: 'BAD_REQUEST', message: expect.stringContaining('user:') },
  ],
  ['bob has no tokens', 'bob GET /tokens', {}, 200, { items: [] }],
  ['nor does he see those of others', 'bob GET /tokens', { query: { user: 'alice' } }, 403, denied],
  ['a token that is missing', 'bob DELETE /tokens/none', {}, 404, missing('token')],

  [
    'role and actions',
    'root POST /grants',
    { body: { subject: 'user:bob', repository: 'a/b', role: 'reader', actions: ['pull'] } },
    400,
    expect.stringContaining('role:'),
  ],
  [
    'neither',
    'root POST /grants',
    { body: { subject: 'user:bob', repository: 'a/b' } },
    400,
    expect.stringContaining('role:'),
  ],
  [
    'a subject that is none',
    'root POST /grants',
    { body: { subject: 'bob', repository: 'a/b', role: 'reader' } },
    400,
    expect.stringContaining('subject:'),
  ],
  [
    'a subject that is missing',
    'root POST /grants',
    { body: { subject: 'user:nobody', repository: 'a/b', role: 'reader' } },
    400,
    { message: 'subject: there is no user nobody' },
  ],
  [
    'a bad tag pattern',
    'root POST /grants',
    { body: { subject: 'user:bob', repository: 'a/b', role: 'reader', tags: '-x' } },
    400,
    expect.stringContaining('tags:'),
  ],
  [
    'all fields',
    'root POST /grants',
    {
      body: {
        effect: 'deny',
        subject: 'anonymous',
        repository: 'a/**',
        actions: ['pull', 'pull'],
        tags: 'v*',
        expiresAt: tomorrow,
        comment: 'why',
      },
    },
    201,
    {
      id: expect.stringMatching(/^[a-z2-7]{8}$/),
      effect: 'deny',
      subject: 'anonymous',
      repository: 'a/**',
      actions: ['pull'],
      tags: 'v*',
      expiresAt: tomorrow,
      comment: 'why',
      byAdmin: true,
      createdBy: 'root',
    },
  ],
  [
    'by repository, those that cover it',
    'root GET /grants',
    { query: { repository: 'team/other' } },
    200,
    { items: [expect.objectContaining({ subject: 'user:bob', role: 'owner' })] },
  ],
  [
    'by subject',
    'root GET /grants',
    { query: { subject: 'anonymous' } },
    200,
    { items: [expect.objectContaining({ comment: 'why' })] },
  ],
  [
    'by a subject that is missing',
    'root GET /grants',
    { query: { subject: 'user:nobody' } },
    200,
    { items: [] },
  ],
  [
    'one sees the grants to oneself',
    'bob GET /grants',
    {},
    200,
    { items: [expect.objectContaining({ subject: 'user:bob' })] },
  ],
  ['and not those of others', 'alice GET /grants', {}, 200, { items: [] }],
  ['a missing grant', 'alice GET /grants/aaaaaaaa', {}, 404, missing('grant')],

  ['the audit is for administrators', 'alice GET /audit', {}, 403, denied],
  [
    'filtered',
    'root GET /audit',
    {
      query: {
        subject: 'root',
        action: 'token.create',
        outcome: 'done',
        since: '2020-01-01T00:00:00Z',
        until: tomorrow,
      },
    },
    200,
    { items: [expect.objectContaining({ after: expect.objectContaining({ owner: 'user:alice' }) })] },
  ],
  [
    'by repository',
    'root GET /audit',
    { query: { repository: 'a/**' } },
    200,
    { items: [expect.objectContaining({ action: 'grant.create' })] },
  ],
  ['until before all', 'root GET /audit', { query: { until: '2020-01-01T00:00:00Z' } }, 200, { items: [] }],
  ['a bad page', 'root GET /audit', { query: { last: 'x' } }, 400, expect.stringContaining('last:')],
]);

interface AuditItem {
  readonly id: string;
  readonly at: string;
}

test('a page of the audit begins where the one before ended', async () => {
  const { audit, call, as } = world();
  const root = await as('root');
  await audit.flush();
  const first = await call(root, 'GET /audit', { query: { n: '3' } });
  const second = await call(root, 'GET /audit', { query: { n: '3', last: first.body.next } });
  const items: AuditItem[] = [...first.body.items, ...second.body.items];
  const byTime = (one: AuditItem, other: AuditItem) =>
    Date.parse(other.at) - Date.parse(one.at) || Number(other.id) - Number(one.id);
  expect(items).toEqual(items.toSorted(byTime));
  expect(new Set(items.map(({ id }) => id)).size).toBe(6);
});
