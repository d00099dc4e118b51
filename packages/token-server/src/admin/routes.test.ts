import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, password, type World } from '../testing/world.ts';

let world: World;
const secrets: Record<string, string> = {};

beforeAll(async () => {
  world = await openWorld({ repositories: ['taken/app'] });
  const { call, local } = world;
  for (const name of ['root', 'alice', 'bob']) {
    await call(local, 'POST /users', { body: { name, password: password(name), admin: name === 'root' } });
  }
  await call(local, 'PATCH /users/alice', { body: { email: 'alice@example.org' } });
  await call(local, 'POST /teams', { body: { name: 'core' } });
  await call(local, 'PUT /teams/core/members/alice');
  await call(local, 'POST /robots', { body: { name: 'ci', pattern: 'alice/**' } });
  await call(local, 'POST /grants', { body: { subject: 'user:bob', repository: 'team/other', role: 'owner' } });
  const scopes = [{ repository: 'alice/**', actions: ['pull'] }];
  const narrow = await call(local, 'POST /tokens', { body: { name: 'narrow', user: 'root', scopes } });
  secrets.narrow = narrow.body.secret;
  const full = await call(local, 'POST /tokens', { body: { name: 'full', user: 'alice' } });
  secrets.full = full.body.secret;
  const robot = await call(local, 'POST /tokens', { body: { name: 'robot', robot: 'ci' } });
  secrets.robot = robot.body.secret;
});

afterAll(() => world.close());

interface Row {
  readonly says: string;
  /** A user, or the name of a secret above. */
  readonly as: string;
  readonly request: string;
  readonly body?: unknown;
  readonly query?: Record<string, string>;
  readonly status: number;
  readonly answer?: unknown;
}

const denied = { code: 'DENIED' };
const missing = (what: string) => ({ code: 'NOT_FOUND', message: `there is no such ${what}` });
const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
const names = (...list: string[]) => ({ items: list.map((name) => expect.objectContaining({ name })) });

/** In their order: some build on those before. */
const table: Row[] = [
  { says: 'a user about himself', as: 'alice', request: 'GET /me', status: 200, answer: { name: 'alice', kind: 'user', admin: false, teams: ['core'] } },
  { says: 'a robot about itself', as: 'robot', request: 'GET /me', status: 200, answer: { name: 'ci', kind: 'robot', admin: false, teams: [] } },
  { says: 'the command line', as: 'local', request: 'GET /me', status: 200, answer: { name: 'local', kind: 'local', admin: true } },
  { says: 'a narrowed token of an administrator is none', as: 'narrow', request: 'GET /me', status: 200, answer: { name: 'root', admin: false } },
  { says: 'a wrong current password', as: 'alice', request: 'PUT /me/password', body: { current: 'not this one', new: 'password of alice' }, status: 403, answer: denied },
  { says: 'a short password', as: 'alice', request: 'PUT /me/password', body: { current: 'x', new: 'seven77' }, status: 400, answer: expect.stringContaining('new:') },
  { says: 'no password by token', as: 'full', request: 'PUT /me/password', body: { current: password('alice'), new: 'password of alice' }, status: 403, answer: denied },
  { says: 'a right current password', as: 'alice', request: 'PUT /me/password', body: { current: password('alice'), new: password('alice') }, status: 204 },

  { says: 'administrators see addresses', as: 'root', request: 'GET /users/alice', status: 200, answer: { email: 'alice@example.org' } },
  { says: 'others see names', as: 'bob', request: 'GET /users', status: 200, answer: { items: [{ name: 'alice' }, { name: 'bob' }, { name: 'root' }] } },
  { says: 'others see no address', as: 'bob', request: 'GET /users/alice', status: 200, answer: { name: 'alice' } },
  { says: 'a page', as: 'bob', request: 'GET /users', query: { n: '1', last: 'alice' }, status: 200, answer: { items: [{ name: 'bob' }], next: 'bob' } },
  { says: 'the last page', as: 'bob', request: 'GET /users', query: { n: '1', last: 'bob' }, status: 200, answer: { items: [{ name: 'root' }] } },
  { says: 'a page that is too large', as: 'bob', request: 'GET /users', query: { n: '1001' }, status: 400, answer: expect.stringContaining('n:') },
  { says: 'a key that is unknown', as: 'bob', request: 'GET /users', query: { m: '1' }, status: 400, answer: expect.stringContaining('"m"') },
  { says: 'no such user', as: 'bob', request: 'GET /users/carol', status: 404, answer: missing('user') },
  { says: 'only administrators make users', as: 'alice', request: 'POST /users', body: { name: 'carol' }, status: 403, answer: denied },
  { says: 'nor does a token with limits of one', as: 'narrow', request: 'POST /users', body: { name: 'carol' }, status: 403, answer: denied },
  { says: 'nor read the list', as: 'narrow', request: 'GET /users', status: 403, answer: denied },
  { says: 'a user is made', as: 'root', request: 'POST /users', body: { name: 'carol', email: 'c@example.org' }, status: 201, answer: { name: 'carol', admin: false, disabled: false, email: 'c@example.org', createdBy: 'root' } },
  { says: 'the name is taken', as: 'root', request: 'POST /users', body: { name: 'carol' }, status: 409, answer: { code: 'CONFLICT' } },
  { says: 'by a team', as: 'root', request: 'POST /users', body: { name: 'core' }, status: 409, answer: { code: 'CONFLICT' } },
  { says: 'by a robot', as: 'root', request: 'POST /teams', body: { name: 'ci' }, status: 409, answer: { code: 'CONFLICT' } },
  { says: 'a name with a slash', as: 'root', request: 'POST /users', body: { name: 'a/b' }, status: 400, answer: { code: 'BAD_REQUEST', message: expect.stringContaining('name:') } },
  { says: 'a name in capitals', as: 'root', request: 'POST /users', body: { name: 'Alice' }, status: 400, answer: { code: 'BAD_REQUEST' } },
  { says: 'a reserved name', as: 'root', request: 'POST /users', body: { name: 'library' }, status: 409, answer: { message: 'the name library is reserved' } },
  { says: 'the name of an upstream', as: 'root', request: 'POST /teams', body: { name: 'docker.io' }, status: 409, answer: { code: 'CONFLICT' } },
  { says: 'a name over repositories', as: 'root', request: 'POST /users', body: { name: 'taken' }, status: 409, answer: { message: expect.stringContaining('repositories under taken/') } },
  { says: 'a name over grants', as: 'root', request: 'POST /users', body: { name: 'team' }, status: 409, answer: { message: expect.stringContaining('handover') } },
  { says: 'handed over', as: 'root', request: 'POST /users', body: { name: 'taken', handover: true }, status: 201 },
  { says: 'a key that is unknown', as: 'root', request: 'POST /users', body: { name: 'dave', role: 'x' }, status: 400, answer: expect.stringContaining('"role"') },
  { says: 'a user is changed', as: 'root', request: 'PATCH /users/carol', body: { email: null, disabled: true }, status: 200, answer: { name: 'carol', disabled: true } },
  { says: 'only by administrators', as: 'alice', request: 'PATCH /users/alice', body: { admin: true }, status: 403, answer: denied },
  { says: 'the last administrator stays one', as: 'root', request: 'PATCH /users/root', body: { admin: false }, status: 409, answer: { code: 'CONFLICT' } },
  { says: 'and stays', as: 'root', request: 'DELETE /users/root', status: 409, answer: { code: 'CONFLICT' } },
  { says: 'a user is deleted', as: 'root', request: 'DELETE /users/carol', status: 204 },
  { says: 'once', as: 'root', request: 'DELETE /users/carol', status: 404, answer: missing('user') },

  { says: 'everybody sees the names of teams', as: 'bob', request: 'GET /teams', status: 200, answer: names('core') },
  { says: 'a team is made', as: 'root', request: 'POST /teams', body: { name: 'ops' }, status: 201, answer: { name: 'ops' } },
  { says: 'by administrators', as: 'alice', request: 'POST /teams', body: { name: 'ops2' }, status: 403, answer: denied },
  { says: 'a member sees the members', as: 'alice', request: 'GET /teams/core/members', status: 200, answer: { items: [{ name: 'alice' }] } },
  { says: 'who is none does not', as: 'bob', request: 'GET /teams/core/members', status: 403, answer: denied },
  { says: 'a member is added', as: 'root', request: 'PUT /teams/core/members/bob', status: 204 },
  { says: 'and again', as: 'root', request: 'PUT /teams/core/members/bob', status: 204 },
  { says: 'no robot is a member', as: 'root', request: 'PUT /teams/core/members/ci', status: 404, answer: missing('user') },
  { says: 'a member is taken out', as: 'root', request: 'DELETE /teams/core/members/bob', status: 204 },
  { says: 'not by members', as: 'alice', request: 'DELETE /teams/core/members/alice', status: 403, answer: denied },
  { says: 'a team is deleted', as: 'root', request: 'DELETE /teams/ops', status: 204 },
  { says: 'and gone', as: 'root', request: 'GET /teams/ops', status: 404, answer: missing('team') },

  { says: 'who has admin on its pattern makes a robot', as: 'alice', request: 'POST /robots', body: { name: 'alice-ci', pattern: 'alice/tool' }, status: 201, answer: { name: 'alice-ci', pattern: 'alice/tool', disabled: false, createdBy: 'alice' } },
  { says: 'others do not', as: 'alice', request: 'POST /robots', body: { name: 'x', pattern: 'team/**' }, status: 403, answer: denied },
  { says: 'a bad pattern', as: 'alice', request: 'POST /robots', body: { name: 'x', pattern: 'alice/*/x' }, status: 400, answer: expect.stringContaining('pattern:') },
  { says: 'one sees the robots that one manages', as: 'alice', request: 'GET /robots', status: 200, answer: names('alice-ci', 'ci') },
  { says: 'and no others', as: 'bob', request: 'GET /robots', status: 200, answer: { items: [] } },
  { says: 'a hidden robot', as: 'bob', request: 'GET /robots/ci', status: 404, answer: missing('robot') },
  { says: 'is as a missing one', as: 'bob', request: 'GET /robots/none', status: 404, answer: missing('robot') },
  { says: 'also for deletion', as: 'bob', request: 'DELETE /robots/ci', status: 404, answer: missing('robot') },
  { says: 'a robot is changed', as: 'alice', request: 'PATCH /robots/alice-ci', body: { disabled: true }, status: 200, answer: { disabled: true } },
  { says: 'not into the pattern of others', as: 'alice', request: 'PATCH /robots/alice-ci', body: { pattern: 'team/**' }, status: 403, answer: denied },
  { says: 'a robot is deleted', as: 'alice', request: 'DELETE /robots/alice-ci', status: 204 },

  { says: 'a token of oneself', as: 'alice', request: 'POST /tokens', body: { name: 'laptop', expiresAt: tomorrow, scopes: [{ repository: 'alice/**', actions: ['pull'] }] }, status: 201, answer: { name: 'laptop', owner: 'user:alice', expiresAt: tomorrow, secret: expect.stringMatching(/^brt_/), scopes: [{ repository: 'alice/**', actions: ['pull'] }] } },
  { says: 'a token of a robot', as: 'alice', request: 'POST /tokens', body: { name: 'ci', robot: 'ci' }, status: 201, answer: { owner: 'robot:ci' } },
  { says: 'a token of a hidden robot', as: 'bob', request: 'POST /tokens', body: { name: 'ci', robot: 'ci' }, status: 404, answer: missing('robot') },
  { says: 'a token of another user', as: 'bob', request: 'POST /tokens', body: { name: 'x', user: 'alice' }, status: 403, answer: denied },
  { says: 'for administrators', as: 'root', request: 'POST /tokens', body: { name: 'x', user: 'alice' }, status: 201, answer: { owner: 'user:alice' } },
  { says: 'a robot makes none for itself', as: 'robot', request: 'POST /tokens', body: { name: 'x' }, status: 403, answer: denied },
  { says: 'a token with limits makes none', as: 'narrow', request: 'POST /tokens', body: { name: 'x' }, status: 403, answer: denied },
  { says: 'an expiry in the past', as: 'alice', request: 'POST /tokens', body: { name: 'x', expiresAt: '2020-01-01T00:00:00Z' }, status: 400, answer: expect.stringContaining('expiresAt:') },
  { says: 'both owners', as: 'root', request: 'POST /tokens', body: { name: 'x', user: 'alice', robot: 'ci' }, status: 400, answer: expect.stringContaining('robot:') },
  { says: 'an unknown action', as: 'alice', request: 'POST /tokens', body: { name: 'x', scopes: [{ repository: '**', actions: ['*'] }] }, status: 400, answer: expect.stringContaining('scopes') },
  { says: 'the command line says whose', as: 'local', request: 'POST /tokens', body: { name: 'x' }, status: 400, answer: { code: 'BAD_REQUEST', message: expect.stringContaining('user:') } },
  { says: 'bob has no tokens', as: 'bob', request: 'GET /tokens', status: 200, answer: { items: [] } },
  { says: 'nor does he see those of others', as: 'bob', request: 'GET /tokens', query: { user: 'alice' }, status: 403, answer: denied },
  { says: 'a token that is missing', as: 'bob', request: 'DELETE /tokens/none', status: 404, answer: missing('token') },

  { says: 'role and actions', as: 'root', request: 'POST /grants', body: { subject: 'user:bob', repository: 'a/b', role: 'reader', actions: ['pull'] }, status: 400, answer: expect.stringContaining('role:') },
  { says: 'neither', as: 'root', request: 'POST /grants', body: { subject: 'user:bob', repository: 'a/b' }, status: 400, answer: expect.stringContaining('role:') },
  { says: 'a subject that is none', as: 'root', request: 'POST /grants', body: { subject: 'bob', repository: 'a/b', role: 'reader' }, status: 400, answer: expect.stringContaining('subject:') },
  { says: 'a subject that is missing', as: 'root', request: 'POST /grants', body: { subject: 'user:nobody', repository: 'a/b', role: 'reader' }, status: 400, answer: { message: 'subject: there is no user nobody' } },
  { says: 'a bad tag pattern', as: 'root', request: 'POST /grants', body: { subject: 'user:bob', repository: 'a/b', role: 'reader', tags: '-x' }, status: 400, answer: expect.stringContaining('tags:') },
  { says: 'all fields', as: 'root', request: 'POST /grants', body: { effect: 'deny', subject: 'anonymous', repository: 'a/**', actions: ['pull', 'pull'], tags: 'v*', expiresAt: tomorrow, comment: 'why' }, status: 201, answer: { id: expect.stringMatching(/^[a-z2-7]{8}$/), effect: 'deny', subject: 'anonymous', repository: 'a/**', actions: ['pull'], tags: 'v*', expiresAt: tomorrow, comment: 'why', byAdmin: true, createdBy: 'root' } },
  { says: 'by repository, those that cover it', as: 'root', request: 'GET /grants', query: { repository: 'team/other' }, status: 200, answer: { items: [expect.objectContaining({ subject: 'user:bob', role: 'owner' })] } },
  { says: 'by subject', as: 'root', request: 'GET /grants', query: { subject: 'anonymous' }, status: 200, answer: { items: [expect.objectContaining({ comment: 'why' })] } },
  { says: 'by a subject that is missing', as: 'root', request: 'GET /grants', query: { subject: 'user:nobody' }, status: 200, answer: { items: [] } },
  { says: 'one sees the grants to oneself', as: 'bob', request: 'GET /grants', status: 200, answer: { items: [expect.objectContaining({ subject: 'user:bob' })] } },
  { says: 'and not those of others', as: 'alice', request: 'GET /grants', status: 200, answer: { items: [] } },
  { says: 'a missing grant', as: 'alice', request: 'GET /grants/aaaaaaaa', status: 404, answer: missing('grant') },

  { says: 'the audit is for administrators', as: 'alice', request: 'GET /audit', status: 403, answer: denied },
  { says: 'filtered', as: 'root', request: 'GET /audit', query: { subject: 'root', action: 'team.create', outcome: 'done', since: '2020-01-01T00:00:00Z', until: tomorrow }, status: 200, answer: { items: [expect.objectContaining({ target: 'ops', after: expect.objectContaining({ name: 'ops' }) })] } },
  { says: 'by repository', as: 'root', request: 'GET /audit', query: { repository: 'a/**' }, status: 200, answer: { items: [expect.objectContaining({ action: 'grant.create' })] } },
  { says: 'until before all', as: 'root', request: 'GET /audit', query: { until: '2020-01-01T00:00:00Z' }, status: 200, answer: { items: [] } },
  { says: 'a bad page', as: 'root', request: 'GET /audit', query: { last: 'x' }, status: 400, answer: expect.stringContaining('last:') },
];

test.each(table)('$request by $as: $says', async ({ as, request, body, query = {}, status, answer }) => {
  const actor = as === 'local' ? world.local : await world.as(secrets[as] ?? as);
  const got = await world.call(actor, request, { body, query });
  expect(got).toMatchObject({ status, ...(answer === undefined ? {} : { body: answer }) });
});

test('a page of the audit begins where the one before ended', async () => {
  const root = await world.as('root');
  const first = await world.call(root, 'GET /audit', { query: { n: '3' } });
  const second = await world.call(root, 'GET /audit', { query: { n: '3', last: first.body.next } });
  const ids = [...first.body.items, ...second.body.items].map(({ id }: { id: string }) => Number(id));
  expect(ids.length).toBe(6);
  expect(ids).toEqual([...ids].sort((one, other) => other - one));
  expect(new Set(ids).size).toBe(6);
});

test('one who is not an administrator sees nothing but the name', async () => {
  const { body } = await world.call(await world.as('bob'), 'GET /users/alice');
  expect(body).toEqual({ name: 'alice' });
});
