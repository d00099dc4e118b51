import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely, Transaction } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compiledOnce } from './compiled.ts';
import { openDatabase, type Database } from './database.ts';

interface Tables {
  thing: { id: number; name: string | null };
}

let folder: string;
let database: Database<Tables>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-compiled-'));
  database = await openDatabase<Tables>(join(folder, 'berth.db'));
  await database.migrate('test', {
    '0001-thing': {
      up: (db) =>
        db.schema
          .createTable('thing')
          .addColumn('id', 'integer', (column) => column.primaryKey())
          .addColumn('name', 'text')
          .execute(),
    },
  });
});

afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

interface Thing {
  readonly id: number;
  readonly name: string | null;
}

test('it is built once, and answers by the values of each call', async () => {
  let built = 0;
  const byId = compiledOnce((db: Kysely<Tables>, { id }: { id: number }) => {
    built += 1;
    return db.selectFrom('thing').selectAll().where('id', '=', id).where('name', 'is not', null);
  });
  const put = compiledOnce((trx: Transaction<Tables>, { id, name }: Thing) =>
    trx
      .insertInto('thing')
      .values({ id, name })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ name })),
  );
  const changed = await database.transaction(async (trx) => {
    await put(trx, { id: 1, name: 'one' });
    await put(trx, { id: 2, name: 'two' });
    return [await put(trx, { id: 2, name: 'second' }), await byId(trx, { id: 2 })];
  });
  expect(changed).toEqual([
    { rows: [], changed: 1 },
    { rows: [{ id: 2, name: 'second' }], changed: 0 },
  ]);
  expect((await byId(database.reader, { id: 1 })).rows).toEqual([{ id: 1, name: 'one' }]);
  expect((await byId(database.reader, { id: 3 })).rows).toEqual([]);
  expect(built).toBe(1);
});

test('a value may be null, where the operator allows that', async () => {
  const named = compiledOnce((db: Kysely<Tables>, { name }: Pick<Thing, 'name'>) =>
    db.selectFrom('thing').select('id').where('name', 'is not distinct from', name),
  );
  await database.transaction((trx) =>
    trx
      .insertInto('thing')
      .values([
        { id: 1, name: null },
        { id: 2, name: 'two' },
      ])
      .execute(),
  );
  expect((await named(database.reader, { name: null })).rows).toEqual([{ id: 1 }]);
  expect((await named(database.reader, { name: 'two' })).rows).toEqual([{ id: 2 }]);
});
