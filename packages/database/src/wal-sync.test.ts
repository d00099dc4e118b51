import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sql } from 'kysely';
import { openDatabase, type Database } from './database.ts';

interface Tables {
  thing: { id: number };
}

let folder: string;
let database: Database<Tables>;
/** Syncs that were asked for, which end when the test says so. */
let syncs: PromiseWithResolvers<void>[];
let opened: string[];
let held: boolean;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-wal-'));
  syncs = [];
  opened = [];
  held = false;
  database = await openDatabase<Tables>(join(folder, 'berth.db'), {
    openWal: async (file) => {
      opened.push(file);
      const handle = await open(file, 'r+');
      return { datasync: () => (held ? hold() : handle.datasync()), close: () => handle.close() };
    },
  });
  const up = (trx: Parameters<Parameters<Database<Tables>['transaction']>[0]>[0]) =>
    trx.schema.createTable('thing').addColumn('id', 'integer').execute();
  await database.transaction(up);
  held = true;
});

afterEach(async () => {
  for (const { resolve } of syncs) resolve();
  held = false;
  await database.close();
  await rm(folder, { recursive: true });
});

function hold(): Promise<void> {
  const sync = Promise.withResolvers<void>();
  syncs.push(sync);
  return sync.promise;
}

const insert = (id: number, relaxed = false) =>
  database.transaction((trx) => trx.insertInto('thing').values({ id }).execute(), { relaxed });

const ids = async () =>
  (await database.reader.selectFrom('thing').select('id').execute()).map(({ id }) => id);

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, sleep(20, pending)])) === pending;
}

test('a transaction resolves when the WAL file was synced after its commit', async () => {
  const inserted = insert(1);
  expect(await isPending(inserted)).toBe(true);
  expect(await ids()).toEqual([1]);
  expect(syncs).toHaveLength(1);
  syncs[0]!.resolve();
  await inserted;
  expect(opened).toEqual([join(folder, 'berth.db-wal')]);
});

test('one that is relaxed does not wait', async () => {
  await insert(1, true);
  expect(syncs).toEqual([]);
});

test('a sync that began before a commit is not its own; the next one is for all that wait', async () => {
  const first = insert(1);
  await isPending(first);
  const others = [insert(2), insert(3)];
  await isPending(Promise.any(others));
  expect(syncs).toHaveLength(1);
  syncs[0]!.resolve();
  await first;
  expect(await isPending(Promise.any(others))).toBe(true);
  expect(syncs).toHaveLength(2);
  syncs[1]!.resolve();
  await Promise.all(others);
  expect(syncs).toHaveLength(2);
});

test('after a sync that failed nothing is written, and all is read, until the database is opened again', async () => {
  const [first, second] = [insert(1), insert(2)];
  await isPending(first);
  syncs[0]!.reject(new Error('EIO'));
  const failed = expect.objectContaining({ name: 'DatabaseError', code: 'IO_ERROR' });
  await expect(first).rejects.toEqual(failed);
  await expect(second).rejects.toEqual(failed);
  await expect(insert(3)).rejects.toEqual(failed);
  await expect(insert(4, true)).rejects.toEqual(failed);
  expect(await ids()).toEqual([1, 2]);
  await database.close();
  held = false;
  database = await openDatabase<Tables>(join(folder, 'berth.db'));
  await insert(5);
  expect(await ids()).toContain(5);
});

test('SQLite itself syncs the WAL before it writes it back', async () => {
  const pragma = sql<{ synchronous: number }>`pragma synchronous`;
  const { rows } = await database.transaction((trx) => pragma.execute(trx), { relaxed: true });
  const normal = 1;
  expect(rows).toEqual([{ synchronous: normal }]);
});
