import type { KeyAlgorithm } from '@berth/protocol';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@berth/database';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TokenDatabase } from '../database.ts';
import { migrations } from '../schema/migrations.ts';
import type { TokenServerTables } from '../schema/tables.ts';
import { createUpkeep } from '../upkeep.ts';
import { versionReader } from '../versions.ts';
import { tokenIssuer } from './issue.ts';
import { createKeys } from './keys.ts';
import { tokenVerifier } from './verify.ts';

const day = 24 * 3600 * 1000;
const publishBefore = 5_000;
const longestLife = 360_000;

let folder: string;
let opened: TokenDatabase[];
let time: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-key-schedule-'));
  opened = [];
  time = Date.parse('2026-11-23T12:00:00Z');
});

afterEach(async () => {
  for (const database of opened) await database.close();
  await rm(folder, { recursive: true });
});

/** One server among those on the same database, with the clock of this test. */
async function start({ every = 30 * day, algorithm = 'ES256' as KeyAlgorithm } = {}) {
  const database = await openDatabase<TokenServerTables>(join(folder, 'berth.db'));
  opened.push(database);
  await database.migrate('token-server', migrations);
  const versions = versionReader(database);
  const settings = { database, algorithm, publishBefore, longestLife };
  const keys = await createKeys({ ...settings, versions, now: () => time });
  const upkeep = createUpkeep({ ...settings, keys, rotateEvery: every });
  const kids = async () => (await keys.list()).map(({ kid }) => kid);
  return { database, versions, keys, upkeep, kids };
}

const events = (database: TokenDatabase) =>
  database.reader
    .selectFrom('audit')
    .select(['action', 'outcome', 'actor', 'target', 'before', 'after', 'reason'])
    .orderBy('id')
    .execute();

test('a key signs for as long as is configured, and each goes when its last token has ended', async () => {
  const { database, keys, upkeep, kids } = await start();
  const first = (await keys.signing()).kid;
  const begin = time;
  time = begin + 30 * day - publishBefore - 1;
  expect(await upkeep.keys()).toEqual({ rotated: undefined, removed: [] });
  time += 1;
  const { rotated } = await upkeep.keys();
  expect(rotated?.signsFrom).toBe(begin + 30 * day);
  expect(await kids()).toEqual([rotated?.kid, first]);
  expect((await keys.signing()).kid).toBe(first);
  time += publishBefore;
  expect((await keys.signing()).kid).toBe(rotated?.kid);
  expect(await upkeep.keys()).toEqual({ rotated: undefined, removed: [] });
  time += longestLife;
  expect(await upkeep.keys()).toEqual({ rotated: undefined, removed: [first] });
  expect(await kids()).toEqual([rotated?.kid]);
  expect(await events(database)).toMatchObject([
    { action: 'key.rotate', actor: 'local', target: rotated?.kid, reason: 'auth.builtin.keyrotation' },
    { action: 'key.remove', actor: 'local', target: first, outcome: 'done' },
  ]);
});

test('of several servers whose time has come at once one rotates, and the others publish its key', async () => {
  const servers = [await start(), await start(), await start()];
  for (const { kids } of servers) await kids();
  time += 30 * day;
  const done = await Promise.all(servers.map(({ upkeep }) => upkeep.keys()));
  const made = done.flatMap(({ rotated }) => rotated?.kid ?? []);
  expect(made).toHaveLength(1);
  for (const { kids, keys } of servers) {
    expect((await kids())[0]).toBe(made[0]);
    expect(await kids()).toHaveLength(2);
    time += publishBefore;
    expect((await keys.signing()).kid).toBe(made[0]);
  }
});

test('a key that was made by hand, to sign later, puts the schedule off; without one nothing is rotated', async () => {
  const { keys, upkeep } = await start();
  const byHand = await keys.rotate(async () => {}, time + 40 * day);
  time += 45 * day;
  expect(await upkeep.keys()).toMatchObject({ rotated: undefined });
  time = byHand.signsFrom + 30 * day;
  expect((await upkeep.keys()).rotated).toBeDefined();
  const never = await start({ every: 0 });
  time += 1000 * day;
  expect(await never.upkeep.keys()).toMatchObject({ rotated: undefined });
});

test('another algorithm: its key follows at the start of a server, and tokens of the old one stay good', async () => {
  time = Date.now();
  const before = await start();
  const order = { subject: '', service: 'berth', access: [], policy: { pv: 0 }, life: 300 };
  const old = await tokenIssuer({ keys: before.keys, issuer: 'berth' })(order);

  const after = await start({ algorithm: 'RS256' });
  expect((await after.keys.signing()).algorithm).toBe('ES256');
  const rotated = await after.upkeep.adoptAlgorithm();
  expect(await after.upkeep.adoptAlgorithm()).toBeUndefined();
  expect(await (await start({ algorithm: 'RS256' })).upkeep.adoptAlgorithm()).toBeUndefined();
  time += publishBefore;
  const fresh = await tokenIssuer({ keys: after.keys, issuer: 'berth' })(order);
  expect(decodeProtectedHeader(fresh.token)).toMatchObject({ alg: 'RS256', kid: rotated?.kid });

  const [key] = await after.keys.list();
  expect(Object.keys(key!.publicJwk).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  expect(key!.publicJwk).toMatchObject({ kid: rotated?.kid, alg: 'RS256', use: 'sig', kty: 'RSA' });
  expect((await jwtVerify(fresh.token, key!.publicKey)).payload.aud).toBe('berth');
  for (const { keys, versions } of [before, after]) {
    const verify = tokenVerifier({ keys, issuer: 'berth', service: 'berth', longestLife: 300 });
    for (const { token } of [old, fresh]) expect(await verify(token, await versions())).toBeDefined();
  }
});

test('a key of the algorithm before that has not signed yet never will', async () => {
  const { keys } = await start();
  const pending = await keys.rotate(async () => {}, time + 10 * day);
  const { upkeep, kids, keys: now } = await start({ algorithm: 'RS256' });
  const rotated = await upkeep.adoptAlgorithm();
  expect(await kids()).not.toContain(pending.kid);
  time += 20 * day;
  expect((await now.signing()).kid).toBe(rotated?.kid);
});
