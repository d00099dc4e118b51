import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@berth/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfiguration } from './config/index.ts';
import { openParts, type Parts } from './parts.ts';
import { adoptAlgorithm, tokenTasks } from './token-upkeep.ts';

const day = 86_400_000;

interface Tables {
  audit: { at: number; action: string; outcome: string; actor: string };
  signing_key: { kid: string; algorithm: string; signs_from: number };
}

let folder: string;
let lines: { count?: number; message: string }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-upkeep-'));
  lines = [];
});

afterEach(() => rm(folder, { recursive: true }));

async function withParts(env: Record<string, string>, work: (parts: Parts) => Promise<void>): Promise<void> {
  const log = (fields: object, message: string) => void lines.push({ ...fields, message });
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const settings = { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: folder, ...env };
  const { configuration } = loadConfiguration({ env: settings, cwd: folder, systemPaths: [] });
  const parts = await openParts(configuration, logger);
  await work(parts).finally(() => parts.close());
}

async function runTasks(parts: Parts): Promise<string[]> {
  const tasks = tokenTasks(parts);
  for (const task of tasks) await task.work(new AbortController().signal);
  return tasks.map(({ lease }) => lease);
}

const keysIn = ({ database }: Parts) =>
  database.as<Tables>().reader.selectFrom('signing_key').selectAll().orderBy('signs_from', 'desc').execute();

async function agesIn({ database }: Parts): Promise<number[]> {
  const rows = await database
    .as<Tables>()
    .reader.selectFrom('audit')
    .select('at')
    .orderBy('at', 'desc')
    .execute();
  return rows.map(({ at }) => Math.round((Date.now() - at) / day));
}

async function record({ database }: Parts, ...ages: readonly number[]): Promise<void> {
  const event = { action: 'login', outcome: 'failed', actor: 'alice' };
  const rows = ages.map((age) => ({ ...event, at: Date.now() - age * day }));
  await database.as<Tables>().transaction((trx) => trx.insertInto('audit').values(rows).execute());
}

test('events older than a year go, unless the configuration says otherwise', async () => {
  await withParts({}, async (parts) => {
    await record(parts, 364, 366, 1000);
    expect(await runTasks(parts)).toEqual(expect.arrayContaining(['rotate-keys', 'prune-audit']));
    expect(await agesIn(parts)).toEqual([364]);
    expect(lines).toMatchObject([{ count: 2, message: expect.stringContaining('audit.retention') }]);
  });
  await withParts({ REGISTRY_AUDIT_RETENTION: '0', REGISTRY_AUTH: 'none' }, async (parts) => {
    await record(parts, 5000);
    expect(await runTasks(parts)).not.toContain('prune-audit');
    expect(await agesIn(parts)).toEqual([364, 5000]);
  });
  await withParts({ REGISTRY_AUDIT_RETENTION: '48h' }, async (parts) => {
    await record(parts, 1);
    await runTasks(parts);
    expect(await agesIn(parts)).toEqual([1]);
  });
});

test('auth.builtin.keyrotation and keylead: the next key is published in time', async () => {
  const env = { REGISTRY_AUTH_BUILTIN_KEYROTATION: '720h', REGISTRY_AUTH_BUILTIN_KEYLEAD: '1h' };
  await withParts(env, async (parts) => {
    await runTasks(parts);
    const [first] = await keysIn(parts);
    const signs_from = Date.now() - 30 * day + 1_800_000;
    await parts.database
      .as<Tables>()
      .transaction((trx) => trx.updateTable('signing_key').set({ signs_from }).execute());
    await runTasks(parts);
    await runTasks(parts);
    const [next, ...others] = await keysIn(parts);
    expect(others.map(({ kid }) => kid)).toEqual([first?.kid]);
    expect(next!.signs_from).toBeGreaterThan(Date.now() + 3_500_000);
    expect(lines.map(({ message }) => message)).toEqual(['a new key is published, and will sign']);
  });
});

test('auth.builtin.signingalgorithm: a key of it follows at the start of a server, and at that of no command', async () => {
  await withParts({}, async () => {});
  await withParts({ REGISTRY_AUTH_BUILTIN_SIGNINGALGORITHM: 'RS256' }, async (parts) => {
    expect((await keysIn(parts)).map(({ algorithm }) => algorithm)).toEqual(['ES256']);
    await adoptAlgorithm(parts);
    await adoptAlgorithm(parts);
    expect((await keysIn(parts)).map(({ algorithm }) => algorithm)).toEqual(['RS256', 'ES256']);
    expect(lines).toHaveLength(1);
  });
});
