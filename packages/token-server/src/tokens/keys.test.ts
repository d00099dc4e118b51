import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@berth/database';
import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TokenDatabase } from '../database.ts';
import { migrations } from '../schema/migrations.ts';
import type { TokenServerTables } from '../schema/tables.ts';
import { versionReader } from '../versions.ts';
import { tokenIssuer } from './issue.ts';
import { createKeys, type Keys, type KeysOptions } from './keys.ts';

let folder: string;
let opened: TokenDatabase[];

const settings = { algorithm: 'ES256', longestLife: 360_000, publishBefore: 5_000 } as const;
const unrecorded = async () => {};

/** One process among those on the same database. */
async function open(
  more: Partial<KeysOptions> = {},
): Promise<{ database: TokenDatabase; keys: () => Promise<Keys> }> {
  const database = await openDatabase<TokenServerTables>(join(folder, 'berth.db'));
  opened.push(database);
  await database.migrate('token-server', migrations);
  const versions = versionReader(database);
  return {
    database,
    keys: () => createKeys({ database, versions, ...settings, ...more }),
  };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-keys-'));
  opened = [];
  vi.useFakeTimers({ toFake: ['Date'] });
});

afterEach(async () => {
  vi.useRealTimers();
  for (const database of opened) await database.close();
  await rm(folder, { recursive: true });
});

const kids = async (keys: Keys) => (await keys.list()).map(({ kid }) => kid);

test('the first key signs at once, and its kid is its thumbprint', async () => {
  const keys = await (await open()).keys();
  const { kid, publicJwk } = await keys.signing();
  expect(kid).toBe(await calculateJwkThumbprint(publicJwk));
  expect(publicJwk).not.toHaveProperty('d');
});

test('processes that start together on one database have the same first key', async () => {
  const processes = [await open(), await open(), await open()];
  const keys = await Promise.all(processes.map((one) => one.keys()));
  const found = await Promise.all(keys.map(async (one) => (await one.signing()).kid));
  expect(new Set(found).size).toBe(1);
  expect(await kids(keys[0]!)).toEqual([found[0]]);
});

test('a new key is published at once everywhere, signs after five seconds, and the old one stays while its tokens are good', async () => {
  const keys = await (await open()).keys();
  const elsewhere = await (await open()).keys();
  const first = (await keys.signing()).kid;
  expect(await kids(elsewhere)).toEqual([first]);
  const now = Date.now();
  const { kid, signsFrom } = await keys.rotate(unrecorded);
  expect(signsFrom).toBe(now + 5_000);
  for (const one of [keys, elsewhere]) {
    expect(await kids(one)).toEqual([kid, first]);
    expect((await one.signing()).kid).toBe(first);
  }
  vi.setSystemTime(now + 5_000);
  for (const one of [keys, elsewhere]) expect((await one.signing()).kid).toBe(kid);
  vi.setSystemTime(now + 5_000 + 359_999);
  expect(await elsewhere.find(first)).toBeDefined();
  vi.setSystemTime(now + 5_000 + 360_000);
  expect(await elsewhere.find(first)).toBeUndefined();
  expect(await kids(keys)).toEqual([kid]);
});

test('the next rotation removes what has ended, and moves the policy', async () => {
  const { database, keys: make } = await open();
  const keys = await make();
  const first = (await keys.signing()).kid;
  const versions = versionReader(database);
  const second = await keys.rotate(unrecorded);
  vi.setSystemTime(Date.now() + 400_000);
  const { policy } = await versions();
  const third = await keys.rotate(unrecorded);
  const rows = await database.reader.selectFrom('signing_key').select('kid').execute();
  expect(rows.map(({ kid }) => kid).sort()).toEqual([second.kid, third.kid].sort());
  expect(rows.map(({ kid }) => kid)).not.toContain(first);
  expect((await versions()).policy).toBe(policy + 1);
});

test('two rotations within the five seconds: the newest signs in the end', async () => {
  const keys = await (await open()).keys();
  const issue = tokenIssuer({ keys, issuer: 'berth' });
  const order = { subject: '', service: 'berth', access: [], policy: { pv: 0 }, life: 300 };
  const first = (await keys.signing()).kid;
  await keys.rotate(unrecorded);
  vi.setSystemTime(Date.now() + 1);
  const { kid } = await keys.rotate(unrecorded);
  expect(decodeProtectedHeader((await issue(order)).token).kid).toBe(first);
  vi.setSystemTime(Date.now() + 5_000);
  expect(decodeProtectedHeader((await issue(order)).token).kid).toBe(kid);
  expect(await kids(keys)).toHaveLength(3);
});

test('a token ends with what it rests on, but lives a minute', async () => {
  const keys = await (await open()).keys();
  const issue = tokenIssuer({ keys, issuer: 'berth' });
  const now = Math.floor(Date.now() / 1000);
  const lives = [now + 100, now + 10, now + 1000].map(async (until) => {
    const order = { subject: '', service: 'berth', access: [], policy: { pv: 0, until }, life: 300 };
    return (await issue(order)).expiresIn;
  });
  expect(await Promise.all(lives)).toEqual([100, 60, 300]);
});
