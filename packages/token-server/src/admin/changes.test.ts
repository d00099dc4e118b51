import { afterEach, beforeEach, expect, test } from 'vitest';
import { basic } from '../testing/server.ts';
import { openWorld, password, type World } from '../testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await openWorld();
  await make('POST /users', { name: 'alice', password: password('alice') });
});

afterEach(() => world.close());

const make = (request: string, body: unknown = {}) => world.call(world.local, request, { body });

async function moves(request: string, body: unknown = {}): Promise<boolean> {
  const before = await world.version();
  const { status } = await make(request, body);
  expect(status).toBeLessThan(300);
  return (await world.version()) !== before;
}

test('the policy version moves for what changes rights, and for nothing else', async () => {
  expect(await moves('POST /users', { name: 'bob', password: password('bob') })).toBe(false);
  expect(await moves('POST /teams', { name: 'core' })).toBe(false);
  expect(await moves('POST /robots', { name: 'ci', pattern: 'alice/**' })).toBe(false);
  expect(await moves('POST /tokens', { name: 'x', robot: 'ci' })).toBe(false);
  expect(await moves('PATCH /users/bob', { email: 'bob@example.org' })).toBe(false);
  expect(await moves('PUT /teams/core/members/bob')).toBe(true);
  expect(await moves('PUT /teams/core/members/bob')).toBe(false);
  expect(await moves('DELETE /teams/core/members/bob')).toBe(true);
  expect(await moves('DELETE /teams/core/members/bob')).toBe(false);
  expect(await moves('PATCH /users/bob', { admin: true })).toBe(true);
  expect(await moves('PATCH /users/bob', { password: 'another password' })).toBe(true);
  expect(await moves('PATCH /users/alice', { disabled: true })).toBe(true);
  expect(await moves('PATCH /users/alice', { disabled: true })).toBe(false);
  expect(await moves('PATCH /robots/ci', { disabled: true })).toBe(true);
  expect(await moves('POST /grants', { subject: 'team:core', repository: 'a/**', role: 'reader' })).toBe(
    true,
  );
  for (const path of ['robots/ci', 'teams/core', 'users/alice'])
    expect(await moves(`DELETE /${path}`)).toBe(true);
});

test('a name that is deleted and made again inherits nothing', async () => {
  const { body: token } = await make('POST /tokens', { name: 'old', user: 'alice' });
  await make('POST /teams', { name: 'core' });
  await make('PUT /teams/core/members/alice');
  await make('POST /grants', { subject: 'user:alice', repository: 'team/**', role: 'owner' });
  const old = await world.as('alice');
  await make('DELETE /users/alice');
  await expect(world.as('alice')).rejects.toMatchObject({ code: 'UNAUTHORIZED' });

  await make('POST /users', { name: 'alice', password: password('alice') });
  const alice = await world.as('alice');
  expect(alice.account?.id).not.toBe(old.account?.id);
  expect(await world.call(alice, 'GET /me')).toMatchObject({ body: { teams: [] } });
  expect(await world.call(alice, 'GET /grants')).toEqual({ status: 200, body: { items: [] } });
  expect(await world.call(alice, 'GET /tokens')).toEqual({ status: 200, body: { items: [] } });
  await expect(world.as(token.secret)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('what others were given under a name keeps it from a new user, unless it is handed over', async () => {
  await make('POST /users', { name: 'bob', password: password('bob') });
  await make('POST /grants', { subject: 'user:bob', repository: 'alice/tool', role: 'writer' });
  await make('DELETE /users/alice');
  expect(await make('POST /users', { name: 'alice' })).toMatchObject({
    status: 409,
    body: { code: 'CONFLICT' },
  });
  expect(await make('POST /users', { name: 'alice', handover: true })).toMatchObject({ status: 201 });
});

test('a robot of a name keeps it too: who owns the name would own the robot', async () => {
  await make('POST /robots', { name: 'ci', pattern: 'carol/**' });
  expect(await make('POST /users', { name: 'carol' })).toMatchObject({ status: 409 });
  expect(await make('POST /users', { name: 'caro' })).toMatchObject({ status: 201 });
});

test('a deleted token ends at once, whoever else has one', async () => {
  const { body: one } = await make('POST /tokens', { name: 'one', user: 'alice' });
  const { body: two } = await make('POST /tokens', { name: 'two', user: 'alice' });
  await world.as(one.secret);
  expect(await moves(`DELETE /tokens/${one.id}`)).toBe(true);
  await expect(world.as(one.secret)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await world.as(two.secret)).toMatchObject({ name: 'alice', narrowed: false, credential: two.id });
});

test('of two new passwords at once one is taken, and who typed the other is told', async () => {
  const alice = await world.as('alice');
  const change = (next: string) =>
    world.call(alice, 'PUT /me/password', { body: { current: password('alice'), new: next } });
  const answers = await Promise.all(['the first password', 'the second password'].map(change));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 409]);
});

test('a token of an administrator does not change his password by the other door', async () => {
  await make('POST /users', { name: 'root', password: password('root'), admin: true });
  const { body } = await make('POST /tokens', { name: 'x', user: 'root' });
  const actor = await world.as(body.secret);
  const change = { body: { password: 'another password' } };
  expect(await world.call(actor, 'PATCH /users/root', change)).toMatchObject({ status: 403 });
  expect(await world.call(actor, 'PATCH /users/alice', change)).toMatchObject({ status: 200 });
});

test('who is disabled is nobody, by password and by token', async () => {
  const { body } = await make('POST /tokens', { name: 'x', user: 'alice' });
  await make('PATCH /users/alice', { disabled: true });
  await expect(world.as('alice')).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await expect(world.as(body.secret)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await make('PATCH /users/alice', { disabled: false });
  expect(await world.as('alice')).toMatchObject({ name: 'alice' });
});

test('the audit has every change, and no secret', async () => {
  const { body: token } = await make('POST /tokens', { name: 'x', user: 'alice' });
  await make('PATCH /users/alice', { password: 'a quite new password' });
  const attempts = [basic('alice', 'a wrong password'), basic(token.secret, 'typed into the wrong field')];
  for (const authorization of attempts) {
    const login = world.identify({ authorization, address: '192.0.2.1', origin: '' });
    await expect(login).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  }
  await world.audit.flush();
  const rows = await world.database.reader.selectFrom('audit').selectAll().orderBy('id').execute();
  const said = rows.map(({ action, outcome, actor }) => `${action} ${outcome} ${actor}`);
  expect(said).toEqual([
    'user.create done local',
    'token.create done local',
    'user.password done local',
    'login failed alice',
    'login failed anonymous',
  ]);
  const stored = await world.database.reader
    .selectFrom('credential')
    .select('secret_hash')
    .executeTakeFirstOrThrow();
  const text = JSON.stringify(rows);
  const secrets = [
    password('alice'),
    'quite new',
    'wrong password',
    'brt_',
    'argon2',
    stored.secret_hash,
    'wrong field',
  ];
  for (const secret of secrets) expect(text).not.toContain(secret);
});

test('a Bearer that is no personal access token is nobody, and no failed login', async () => {
  const tried = world.identify({
    authorization: 'Bearer eyJhbGciOiJFUzI1NiJ9.e30.x',
    address: '',
    origin: '',
  });
  await expect(tried).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await world.audit.flush();
  const rows = await world.database.reader.selectFrom('audit').select('action').execute();
  expect(rows).toEqual([{ action: 'user.create' }]);
});
