import { afterEach, beforeEach, expect, test } from 'vitest';
import { listedAfterEnd, removeEnded } from '../credentials/ended.ts';
import { insertToken } from '../credentials/personal-tokens.ts';
import { openWorld, type World } from '../testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await openWorld();
  for (const name of ['alice', 'bob']) await make('POST /users', { name });
  await make('POST /users', { name: 'root', admin: true });
  await make('POST /robots', { name: 'ci', pattern: 'alice/**' });
});

afterEach(() => world.close());

const make = (request: string, body: unknown = {}) => world.call(world.local, request, { body });

const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

/** Somebody who came with a token that ends then. */
async function until(user: string, expiresAt: string) {
  const { body } = await make('POST /tokens', { name: 'first', user, expiresAt });
  return world.as(body.secret);
}

test.each([
  ['alice', {}],
  ['alice', { robot: 'ci' }],
  ['root', { user: 'bob' }],
  ['root', { robot: 'ci' }],
])('%s makes with a token that ends none for %j that outlives it', async (user, owner) => {
  const soon = hours(1);
  const actor = await until(user, soon);
  const again = (expiresAt?: string) =>
    world.call(actor, 'POST /tokens', { body: { name: 'second', expiresAt, ...owner } });
  expect(await again()).toMatchObject({ status: 201, body: { expiresAt: soon } });
  expect(await again(soon)).toMatchObject({ status: 201, body: { expiresAt: soon } });
  expect(await again(hours(2))).toMatchObject({
    status: 403,
    body: { code: 'DENIED', message: expect.stringContaining(`ends at ${soon}`) },
  });
  const { body } = await again();
  const third = await world.call(await world.as(body.secret), 'POST /tokens', {
    body: { name: 'third', expiresAt: hours(2) },
  });
  expect(third.status).toBe(403);
});

test('a token that was deleted meanwhile makes none', async () => {
  const actor = await until('alice', hours(1));
  await make(`DELETE /tokens/${actor.credential}`);
  expect(await world.call(actor, 'POST /tokens', { body: { name: 'second' } })).toMatchObject({
    status: 403,
    body: { message: 'the token that you came with was deleted meanwhile' },
  });
  expect((await make('GET /tokens')).body.items).toEqual([]);
});

test('a user deletes his own tokens, and those of nobody else', async () => {
  const tokenOf = async (user: string) => (await make('POST /tokens', { name: 'x', user })).body;
  const [own, other, comes] = [await tokenOf('alice'), await tokenOf('bob'), await tokenOf('alice')];
  const alice = await world.as(comes.secret);
  expect(await world.call(alice, `DELETE /tokens/${own.id}`)).toMatchObject({ status: 204 });
  expect(await world.call(alice, `DELETE /tokens/${other.id}`)).toMatchObject({ status: 404 });
  const left = (await make('GET /tokens')).body.items.map(({ id }: { id: string }) => id);
  expect(left.toSorted()).toEqual([other.id, comes.id].toSorted());
});

test('a token that does not end makes any', async () => {
  const { body } = await make('POST /tokens', { name: 'first', user: 'alice' });
  const actor = await world.as(body.secret);
  const made = await world.call(actor, 'POST /tokens', { body: { name: 'second' } });
  expect(made.body).not.toHaveProperty('expiresAt');
});

test('grants that are made with a token that ends do not end with it', async () => {
  const actor = await until('alice', hours(1));
  const grant = { subject: 'user:bob', repository: 'alice/tool', role: 'reader' };
  const made = await world.call(actor, 'POST /grants', { body: grant });
  expect(made).toMatchObject({ status: 201 });
  expect(made.body).not.toHaveProperty('expiresAt');
});

async function fill(name: string, count: number, expiresAt: number | null): Promise<void> {
  await world.database.transaction(async (trx) => {
    const { id } = await trx
      .selectFrom('subject')
      .select('id')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    for (let index = 0; index < count; index += 1) {
      const unique = `${name}-${expiresAt}-${index}`;
      await insertToken(trx, {
        id: unique,
        kind: 'personal',
        subject_id: id,
        name: 'x',
        secret_hash: unique,
        scopes: null,
        service: null,
        epoch: 0,
        created_at: 0,
        expires_at: expiresAt,
        last_used_at: null,
      });
    }
  });
}

test('an account has a thousand tokens, of which ended ones give way', async () => {
  const { body } = await make('POST /tokens', { name: 'first', user: 'alice' });
  const alice = await world.as(body.secret);
  const another = (owner = {}) => world.call(alice, 'POST /tokens', { body: { name: 'x', ...owner } });
  await fill('alice', 998, null);
  await fill('alice', 5, Date.now() - 1000);
  expect(await another()).toMatchObject({ status: 201 });
  expect(await another()).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('user alice has 1000 personal access tokens: delete some') },
  });
  expect(await another({ robot: 'ci' })).toMatchObject({ status: 201 });
  await fill('ci', 999, null);
  expect(await another({ robot: 'ci' })).toMatchObject({ status: 409 });
  expect(await make('POST /tokens', { name: 'x', user: 'alice' })).toMatchObject({ status: 201 });
});

test('tokens that ended a while ago are removed, and nothing else', async () => {
  const now = Date.now();
  await fill('alice', 1, now - listedAfterEnd - 1000);
  await fill('bob', 1, now - 1000);
  await fill('ci', 1, null);
  const before = await world.version();
  expect(await removeEnded(world.database, now)).toBe(1);
  const left = await world.database.reader.selectFrom('credential').select('id').orderBy('id').execute();
  expect(left.map(({ id }) => id.split('-')[0])).toEqual(['bob', 'ci']);
  expect(await world.version()).toBe(before);
});
