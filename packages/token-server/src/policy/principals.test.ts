import { moveVersion, openDatabase, readVersion } from '@berth/database';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { setImmediate as arrival } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TokenDatabase } from '../database.ts';
import type { TokenServerTables } from '../schema/tables.ts';
import { openWorld, type World } from '../testing/world.ts';
import { versionReader } from '../versions.ts';
import { createChanges, movePolicy } from './changes.ts';
import type { Principal, Principals } from './principal.ts';
import { createPrincipals } from './principals.ts';

let world: World;
let here: Principals;
let there: Principals;
let other: TokenDatabase;

const users = ['alice', 'bob', 'carol'];

/** One process, and another one on the same database. */
beforeEach(async () => {
  world = await openWorld();
  const files = await sql<{ file: string }>`PRAGMA database_list`.execute(world.database.reader);
  other = await openDatabase<TokenServerTables>(files.rows[0]!.file);
  here = fresh(world.database);
  there = fresh(other);
  for (const name of users) await make('POST /users', { name });
  for (const name of ['core', 'ops']) await make('POST /teams', { name });
  await make('POST /robots', { name: 'ci', pattern: 'team/**' });
});

afterEach(async () => {
  await other.close();
  await world.close();
});

const fresh = (database: TokenDatabase) => createPrincipals(database, versionReader(database));

const make = (request: string, body: unknown = {}) => world.call(world.local, request, { body });

/** Everything that decides, as a value that can be compared. */
function seen(principal: Principal | undefined) {
  if (principal === undefined) return undefined;
  const rules = principal.rules.values.map(({ grant, origin, effect }) => [grant?.id ?? origin, effect]);
  return { admin: principal.admin, teams: principal.teams, rules: rules.map(String).sort() };
}

async function accounts(): Promise<(string | undefined)[]> {
  const rows = await world.database.reader.selectFrom('subject').select('id').execute();
  return [undefined, ...rows.map(({ id }) => id)];
}

const name = fc.constantFrom(...users);
const team = fc.constantFrom('core', 'ops');
const subject = fc.constantFrom(
  ...users.map((user) => `user:${user}`),
  'team:core',
  'team:ops',
  'robot:ci',
  'authenticated',
  'anonymous',
);
const grant = fc.record({
  subject,
  effect: fc.constantFrom('allow', 'deny'),
  repository: fc.constantFrom('team/**', 'team/app', '**'),
  role: fc.constantFrom('reader', 'writer', 'owner'),
});

const change = fc.oneof(
  { arbitrary: grant.map((body) => ['POST /grants', body] as const), weight: 4 },
  { arbitrary: fc.constant(['DELETE a grant', {}] as const), weight: 3 },
  {
    arbitrary: fc.tuple(team, name).map(([one, who]) => [`PUT /teams/${one}/members/${who}`, {}] as const),
    weight: 4,
  },
  fc.tuple(team, name).map(([one, who]) => [`DELETE /teams/${one}/members/${who}`, {}] as const),
  fc.tuple(name, fc.boolean()).map(([who, disabled]) => [`PATCH /users/${who}`, { disabled }] as const),
  fc.tuple(name, fc.boolean()).map(([who, admin]) => [`PATCH /users/${who}`, { admin }] as const),
  name.map((who) => [`DELETE /users/${who}`, {}] as const),
  name.map((who) => [`POST /users`, { name: who, handover: true }] as const),
  { arbitrary: team.map((one) => [`DELETE /teams/${one}`, {}] as const), weight: 2 },
  team.map((one) => ['POST /teams', { name: one, handover: true }] as const),
  fc.boolean().map((disabled) => ['PATCH /robots/ci', { disabled }] as const),
);

async function apply([request, body]: readonly [string, unknown]): Promise<void> {
  if (request !== 'DELETE a grant') return void (await make(request, body));
  const row = await world.database.reader.selectFrom('access_grant').select('id').executeTakeFirst();
  if (row !== undefined) await make(`DELETE /grants/${row.id}`);
}

test('what is remembered is what the database says, in every process, whatever changed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
      for (const each of changes) {
        const uids = await accounts();
        await apply(each);
        await arrival();
        const anew = fresh(world.database);
        for (const uid of new Set([...uids, ...(await accounts())])) {
          const expected = seen(await anew.load({ uid }));
          expect(seen(await here.load({ uid }))).toEqual(expected);
          expect(seen(await there.load({ uid }))).toEqual(expected);
        }
      }
    }),
    { numRuns: 50 },
  );
}, 60_000);

test('a credential is of its account only, and ends', async () => {
  const [alice, bob] = await Promise.all(users.map(idOf));
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const cid = (await make('POST /tokens', { name: 'x', user: 'alice', expiresAt })).body.id;
  expect(await here.load({ uid: alice, cid })).toMatchObject({ credentialExpiresAt: Date.parse(expiresAt) });
  expect(await here.load({ uid: bob, cid })).toBeUndefined();
  expect(await here.load({ cid })).toBeUndefined();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(expiresAt) });
  try {
    expect(await here.load({ uid: alice, cid })).toBeUndefined();
    expect(await there.load({ uid: alice, cid })).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

test('what anonymous is allowed holds for accounts too, what it is denied does not', async () => {
  const [alice] = await Promise.all(users.map(idOf));
  const everybody = { subject: 'anonymous', repository: 'team/**' };
  const allow = (await make('POST /grants', { ...everybody, role: 'reader' })).body.id;
  const deny = (await make('POST /grants', { ...everybody, effect: 'deny', actions: ['push'] })).body.id;
  const ids = (principal: Principal | undefined) => principal?.rules.values.map(({ grant }) => grant?.id);
  expect(ids(await here.load({ uid: alice }))).toEqual([undefined, allow]);
  expect(ids(await here.anonymous())?.toSorted()).toEqual([allow, deny].toSorted());
});

test('a change forgets whom it touches, and nobody else', async () => {
  const [alice, bob] = await Promise.all(users.map(idOf));
  await make('PUT /teams/core/members/alice');
  const before = { alice: await here.load({ uid: alice }), bob: await here.load({ uid: bob }) };
  await make('POST /grants', { subject: 'team:core', repository: 'team/**', role: 'reader' });
  const rulesOf = async (uid: string | undefined) => (await here.load({ uid }))?.rules.values.length;
  expect(await rulesOf(alice)).toBe((before.alice?.rules.values.length ?? 0) + 1);
  expect((await here.load({ uid: bob }))?.rules.values[0]).toBe(before.bob?.rules.values[0]);
});

test('robots that are deleted with a user are forgotten with him', async () => {
  await make('POST /robots', { name: 'alice-ci', pattern: 'alice/**' });
  const robot = await idOf('alice-ci');
  for (const process of [here, there]) expect(await process.load({ uid: robot })).toBeDefined();
  await world.call(world.local, 'DELETE /users/alice', { query: { robots: 'delete' } });
  await arrival();
  for (const process of [here, there]) expect(await process.load({ uid: robot })).toBeUndefined();
});

async function idOf(user: string): Promise<string> {
  const row = await world.database.reader
    .selectFrom('subject')
    .select('id')
    .where('name', '=', user)
    .executeTakeFirstOrThrow();
  return row.id;
}

const version = () => readVersion(world.database.reader, 'policy');

test('a move that does not say whom it touches touches everybody', async () => {
  const changes = createChanges(world.database.reader);
  const start = await changes.catchUp(await version());
  expect(changes.touched('alice', start)).toBe(false);
  await world.database.transaction((trx) => movePolicy(trx, ['bob', 'bob', 'carol']));
  const next = await changes.catchUp(await version());
  expect(['alice', 'bob', 'carol'].map((who) => changes.touched(who, start))).toEqual([false, true, true]);
  expect(changes.touched('bob', next)).toBe(false);
  await world.database.transaction((trx) => movePolicy(trx, ['bob']));
  await world.database.transaction((trx) => moveVersion(trx, 'policy'));
  await changes.catchUp(await version());
  expect(changes.touched('alice', next)).toBe(true);
});

test('who missed more changes than are kept forgets everybody', async () => {
  const changes = createChanges(world.database.reader);
  const start = await changes.catchUp(await version());
  await world.database.transaction(async (trx) => {
    for (let count = 0; count < 1001; count += 1) await movePolicy(trx, ['bob']);
  });
  const rows = await world.database.reader.selectFrom('policy_change').select('version').execute();
  expect(rows.length).toBe(1000);
  await changes.catchUp(await version());
  expect(changes.touched('alice', start)).toBe(true);
});
