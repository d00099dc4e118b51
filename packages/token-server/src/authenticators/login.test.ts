import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPasswordHasher } from '../credentials/password-hash.ts';
import { createPasswordMemory } from '../credentials/password-memory.ts';
import { hashSecret, makeSecret } from '../credentials/secret.ts';
import { cpuTime } from '@berth/protocol/testing';
import { silent } from '../testing/server.ts';
import { address, openWorld, password, type World } from '../testing/world.ts';
import { createLogin, type Login } from './login.ts';
import { passwordAuthenticator } from './password.ts';
import { personalTokenAuthenticator } from './personal-token.ts';
import { createThrottle } from './throttle.ts';

let world: World;
let login: Login;
const warnings: object[] = [];
const logger = { ...silent, warn: (what: object) => void warnings.push(what) };
let secret: string;

beforeAll(async () => {
  world = await openWorld();
  const { database, audit } = world;
  const hasher = createPasswordHasher();
  const authenticators = [
    personalTokenAuthenticator({ database, logger }),
    passwordAuthenticator({ database, hasher, memory: createPasswordMemory(), logger }),
  ];
  login = createLogin({ authenticators, audit, throttle: createThrottle({ audit }) });
  await make('POST /users', { name: 'alice', password: password('alice') });
  await make('POST /users', { name: 'without' });
  ({ secret } = (await make('POST /tokens', { name: 'x', user: 'alice' })).body);
});

afterAll(() => world.close());

const make = (request: string, body?: unknown) => world.call(world.local, request, { body });
const tokens = async (): Promise<{ id: string; lastUsedAt?: string }[]> =>
  (await make('GET /tokens')).body.items;
const attempt = (user: string, secret: string) => login({ user, secret, address });

test('a password proves its user', async () => {
  const identity = await attempt('alice', password('alice'));
  expect(identity).toMatchObject({ account: { name: 'alice', kind: 'user' }, epoch: 0 });
  expect(identity).not.toHaveProperty('credential');
});

test.each(['alice', 'bob', '', 'AWS', '<token>'])(
  'a personal access token proves its owner as %j',
  async (user) => {
    expect(await attempt(user, secret)).toMatchObject({
      account: { name: 'alice' },
      credential: expect.any(String),
    });
  },
);

test.each([
  ['alice', 'not her password'],
  ['alice', ''],
  ['nobody', password('nobody')],
  ['without', ''],
  ['without', password('without')],
  ['Alice', password('alice')],
  ["' or 1=1 --", 'x'],
  ['alice', 'x'.repeat(100_000)],
  ['alice', makeSecret()],
])('%j with %.20j is refused', async (user, wrong) => {
  expect(await attempt(user, wrong)).toBeUndefined();
});

test('an expired token is refused', async () => {
  const { secret } = (await make('POST /tokens', { name: 'x', user: 'alice' })).body;
  const expire = (at: number) =>
    world.database.transaction(async (trx) => {
      await trx
        .updateTable('credential')
        .set({ expires_at: at })
        .where('secret_hash', '=', hashSecret(secret))
        .execute();
    });
  await expire(Date.now() + 60_000);
  expect(await attempt('', secret)).toBeDefined();
  await expire(Date.now() - 1);
  expect(await attempt('', secret)).toBeUndefined();
});

test('a token of a disabled user or robot is refused', async () => {
  await make('POST /robots', { name: 'ci', pattern: 'team/**' });
  const ofRobot = (await make('POST /tokens', { name: 'x', robot: 'ci' })).body.secret;
  await make('POST /users', { name: 'dora' });
  const ofUser = (await make('POST /tokens', { name: 'x', user: 'dora' })).body.secret;
  for (const disabled of [true, false]) {
    await make('PATCH /robots/ci', { disabled });
    await make('PATCH /users/dora', { disabled });
    for (const secret of [ofRobot, ofUser]) expect((await attempt('', secret)) === undefined).toBe(disabled);
  }
});

test('the last use is written, and not again within a minute', async () => {
  const { id, secret } = (await make('POST /tokens', { name: 'x', user: 'alice' })).body;
  const used = async () => (await tokens()).find((token) => token.id === id)?.lastUsedAt ?? '';
  expect(await used()).toBe('');
  await attempt('', secret);
  const first = await used();
  expect(Date.now() - Date.parse(first)).toBeLessThan(10_000);
  await new Promise((resolve) => void setTimeout(resolve, 5));
  await attempt('', secret);
  expect(await used()).toBe(first);
  await world.database.transaction(async (trx) => {
    await trx
      .updateTable('credential')
      .set({ last_used_at: Date.now() - 61_000 })
      .execute();
  });
  await attempt('', secret);
  expect(Date.parse(await used())).toBeGreaterThanOrEqual(Date.parse(first));
});

test('a right password costs once, and is forgotten when it is changed', async () => {
  await make('POST /users', { name: 'bob', password: password('bob') });
  const identities: unknown[] = [];
  const login = async () => void identities.push(await attempt('bob', password('bob')));
  const first = await cpuTime(login);
  const second = await cpuTime(login);
  expect(identities[0]).toMatchObject({ account: { name: 'bob' } });
  expect(identities[1]).toEqual(identities[0]);
  expect(second).toBeLessThan(first / 2);

  await make('PATCH /users/bob', { password: 'a quite new password' });
  expect(await attempt('bob', password('bob'))).toBeUndefined();
  expect(await attempt('bob', 'a quite new password')).toMatchObject({ epoch: 1 });
  await make('PATCH /users/bob', { password: password('bob') });
  expect(await attempt('bob', 'a quite new password')).toBeUndefined();

  await attempt('bob', password('bob'));
  await make('PATCH /users/bob', { disabled: true });
  expect(await attempt('bob', password('bob'))).toBeUndefined();
});

test('a token without limits, and one with, as actors', async () => {
  const scopes = [{ repository: 'alice/**', actions: ['pull'] }];
  const { body } = await make('POST /tokens', { name: 'narrow', user: 'alice', scopes });
  expect(await world.as(secret)).toMatchObject({ name: 'alice', narrowed: false, address });
  expect(await world.as(body.secret)).toMatchObject({ name: 'alice', narrowed: true, credential: body.id });
});

test.each([
  ['nothing', undefined],
  ['no account', 'Basic Og=='],
  ['a wrong password', `Basic ${Buffer.from('alice:wrong').toString('base64')}`],
  ['no base 64', 'Basic ***'],
  ['a password as Bearer', `Bearer ${encodeURIComponent(password('alice'))}`],
  ['an unknown token', `Bearer ${makeSecret()}`],
  ['another scheme', 'Digest x'],
])('%s is 401, with a challenge for Basic', async (_, authorization) => {
  const answer = world.identify({ authorization, address, origin: 'http://localhost:5000' });
  await expect(answer).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
    headers: { 'www-authenticate': 'Basic realm="Berth"' },
  });
});

test('a stored hash of an unknown format is a wrong password, and one warning', async () => {
  await make('POST /users', { name: 'imported' });
  const password_hash = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';
  await world.database.transaction(async (trx) => {
    await trx.updateTable('subject').set({ password_hash }).where('name', '=', 'imported').execute();
  });
  expect(await attempt('imported', 'password')).toBeUndefined();
  expect(await attempt('imported', password_hash)).toBeUndefined();
  expect(warnings).toEqual([{ user: 'imported' }]);
});

test('an imported bcrypt hash becomes argon2id at the first right login, and nobody is logged out', async () => {
  const passwordHash = '$2y$05$9pzTaCRKzjJUE9siUQTxjejNGdu302DAQXIozDt8boGarDUVLubsW';
  const phrase = 'correct horse battery staple';
  await make('POST /users', { name: 'carol', passwordHash });
  const stored = async () =>
    world.database.reader
      .selectFrom('subject')
      .select(['password_hash', 'epoch'])
      .where('name', '=', 'carol')
      .executeTakeFirstOrThrow();
  const version = await world.version();

  expect(await attempt('carol', 'correct horse')).toBeUndefined();
  expect(await stored()).toEqual({ password_hash: passwordHash, epoch: 0 });
  const both = await Promise.all([attempt('carol', phrase), attempt('carol', phrase)]);
  expect(both).toMatchObject([
    { account: { name: 'carol' }, epoch: 0 },
    { account: { name: 'carol' }, epoch: 0 },
  ]);
  expect(await stored()).toEqual({ password_hash: expect.stringMatching(/^\$argon2id\$/), epoch: 0 });
  expect(await world.version()).toBe(version);
  expect(await attempt('carol', phrase)).toBeDefined();
  expect(await attempt('carol', `${phrase}!`)).toBeUndefined();
  const { body } = await world.call(world.local, 'GET /audit', { query: { action: 'user.rehash' } });
  expect(body.items).toMatchObject([{ actor: 'carol', target: 'carol', outcome: 'done' }]);
  expect(JSON.stringify(body)).not.toContain('$');
});
