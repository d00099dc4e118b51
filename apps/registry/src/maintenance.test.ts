import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lease, releaseLease, takeLease } from '@berth/database';
import type { Logger } from '@berth/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfiguration } from './config/index.ts';
import { startMaintenance } from './maintenance.ts';
import { openParts, type Parts } from './parts.ts';

type Line = { count?: number; message: string };

let folder: string;
let parts: Parts;
let lines: Line[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-maintenance-'));
  lines = [];
  const log = (fields: object, message: string) => void lines.push({ ...fields, message });
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const env = {
    REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: folder,
    REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING: '{age: 0s, interval: 1s}',
  };
  const { configuration } = loadConfiguration({ env, cwd: folder, systemPaths: [] });
  parts = await openParts(configuration, logger);
});

afterEach(async () => {
  await parts.close();
  await rm(folder, { recursive: true });
});

/** A session that nobody ever wrote to. */
async function abandonUpload(id: string): Promise<void> {
  const when = { started_at: 1, updated_at: 1 };
  const row = {
    id,
    repository: 'team/app',
    account_id: null,
    algorithm: 'sha256',
    fence: 0,
    digest: null,
    ...when,
  } as const;
  await parts.database.transaction((trx) => trx.insertInto('upload').values(row).execute());
}

async function uploads(): Promise<number> {
  return (await parts.database.reader.selectFrom('upload').select('id').execute()).length;
}

function takeFor(owner: string): Promise<Lease | undefined> {
  const request = { name: 'purge-uploads', owner, now: Date.now(), duration: 60_000 };
  return parts.database.transaction((trx) => takeLease(trx, request));
}

test('purges again and again, and not after stop', async () => {
  const maintenance = startMaintenance(parts);
  for (const id of ['first', 'second']) {
    await abandonUpload(id);
    await expect.poll(uploads).toBe(0);
  }
  await maintenance.stop();
  await abandonUpload('third');
  await sleep(1200);
  expect(await uploads()).toBe(1);
  expect(lines.map(({ count }) => count)).toEqual([1, 1]);
});

test('leaves the purge to the process that has the lease, and lets it go afterwards', async () => {
  const lease = await takeFor('another process');
  await abandonUpload('one');
  const maintenance = startMaintenance(parts);
  await sleep(1500);
  expect(await uploads()).toBe(1);
  await parts.database.transaction((trx) => releaseLease(trx, lease!));
  await expect.poll(uploads).toBe(0);
  await maintenance.stop();
  expect(await takeFor('another process')).toBeDefined();
});

test('goes on after an error', async () => {
  await rename('upload', 'elsewhere');
  const maintenance = startMaintenance(parts);
  await expect.poll(() => lines[0]?.message).toBe('abandoned uploads could not be ended');
  await rename('elsewhere', 'upload');
  await abandonUpload('one');
  await expect.poll(uploads).toBe(0);
  await maintenance.stop();
});

function rename(table: string, name: string): Promise<void> {
  return parts.database
    .as<Record<string, object>>()
    .transaction((trx) => trx.schema.alterTable(table).renameTo(name).execute());
}
