import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import BetterSqlite3 from 'better-sqlite3';
import type { Transaction } from 'kysely';
import { openDatabase, type Database } from './database.ts';

interface Tables {
  thing: { id: number };
}

let folder: string;
let database: Database<Tables>;
/** Counts commits as another process sees them: those that are made together are one. */
let other: BetterSqlite3.Database;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-group-'));
  const file = join(folder, 'berth.db');
  database = await openDatabase<Tables>(file);
  const up = (trx: Transaction<any>) =>
    trx.schema
      .createTable('thing')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .execute();
  await database.migrate('test', { '0001-thing': { up } });
  other = new BetterSqlite3(file);
});

afterEach(async () => {
  other.close();
  await database.close();
  await rm(folder, { recursive: true });
});

const insert = (id: number) => async (trx: Transaction<Tables>) => {
  await trx.insertInto('thing').values({ id }).execute();
  return id;
};

const ids = async () =>
  (await database.reader.selectFrom('thing').select('id').execute()).map(({ id }) => id);

test('what begins together is committed together: another process sees all of it or nothing', async () => {
  const seen = new Set<number>();
  const looking = async () => {
    for (let times = 0; times < 20; times += 1) {
      const { count } = other.prepare('select count(*) as count from thing').get() as { count: number };
      seen.add(count);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const all = Promise.all([1, 2, 3].map((id) => database.transaction(insert(id))));
  await looking();
  expect(await all).toEqual([1, 2, 3]);
  expect([...seen]).toEqual([0, 3]);
});

test('one that throws takes back its own changes, and no other ones', async () => {
  const outcomes = await Promise.allSettled([
    database.transaction(insert(1)),
    database.transaction(async (trx) => {
      await insert(2)(trx);
      throw new RangeError('no');
    }),
    database.transaction(insert(1)),
    database.transaction(insert(3)),
  ]);
  expect(outcomes).toMatchObject([
    { value: 1 },
    { reason: { message: 'no' } },
    { reason: { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' } },
    { value: 3 },
  ]);
  expect(await ids()).toEqual([1, 3]);
});

test('where SQLite takes all of it back, all of them fail', async () => {
  const outcomes = await Promise.allSettled([
    database.transaction(insert(1)),
    database.transaction(async (trx) => {
      await insert(2)(trx);
      // As after a full disk (sqlite.org/lang_transaction.html, "Response To Errors").
      await trx.executeQuery({ ...trx.selectFrom('thing').select('id').compile(), sql: 'rollback' });
      throw new Error('the disk is full');
    }),
    database.transaction(insert(3)),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(await ids()).toEqual([]);
  expect(await database.transaction(insert(4))).toBe(4);
});

test('each sees what those before it have changed', async () => {
  const sums = await Promise.all(
    [1, 2, 3].map((id) =>
      database.transaction(async (trx) => {
        await insert(id)(trx);
        return (await trx.selectFrom('thing').select('id').execute()).length;
      }),
    ),
  );
  expect(sums).toEqual([1, 2, 3]);
});

test('many more than are committed together all get their answer', async () => {
  const many = Array.from({ length: 100 }, (_, id) => id);
  expect(await Promise.all(many.map((id) => database.transaction(insert(id))))).toEqual(many);
  expect(await ids()).toHaveLength(100);
});
