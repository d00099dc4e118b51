import { sql, type Kysely, type Transaction } from 'kysely';
import { compiledOnce } from './compiled.ts';
import type { Migration } from './migrate.ts';

/**
 * Counters that say "something you remember may be old": what depends on a thing is cached together with its version,
 * and whoever changes the thing moves the version in the same transaction. In the database, so that every process sees
 * it at its next request.
 */
export interface VersionTable {
  name: string;
  value: number;
}

interface Schema {
  version: VersionTable;
}

export const createVersionTable: Migration = {
  async up(db) {
    await db.schema
      .createTable('version')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('value', 'integer', (column) => column.notNull())
      .execute();
  },
};

const valueOf = compiledOnce((db: Kysely<Schema>, { name }: { name: string }) =>
  db.selectFrom('version').select('value').where('name', '=', name),
);

/** 0 for one that was never moved. */
export async function readVersion(db: Kysely<any>, name: string): Promise<number> {
  const [row] = (await valueOf(db, { name })).rows;
  return row?.value ?? 0;
}

const allValues = compiledOnce((db: Kysely<Schema>) => db.selectFrom('version').select(['name', 'value']));

/** All that were ever moved, in one query. */
export async function readVersions(db: Kysely<any>): Promise<ReadonlyMap<string, number>> {
  const { rows } = await allValues(db, {});
  return new Map(rows.map(({ name, value }) => [name, value]));
}

export async function moveVersion(trx: Transaction<any>, name: string): Promise<void> {
  await (trx as Transaction<Schema>)
    .insertInto('version')
    .values({ name, value: 1 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: sql`version.value + 1` }))
    .execute();
}
