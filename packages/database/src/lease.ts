import { sql, type Kysely, type Transaction } from 'kysely';
import type { Migration } from './migrate.ts';

/**
 * One owner for one piece of work, among all processes on this database, for a time. `fence` grows with each owner:
 * work that was overtaken finds a higher one and must not commit.
 */
export interface LeaseTable {
  name: string;
  owner: string;
  fence: number;
  /** Milliseconds since 1970. */
  until: number;
}

interface Schema {
  lease: LeaseTable;
}

export interface Lease {
  readonly name: string;
  readonly owner: string;
  readonly fence: number;
}

export const createLeaseTable: Migration = {
  async up(db) {
    await db.schema
      .createTable('lease')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('fence', 'integer', (column) => column.notNull())
      .addColumn('until', 'integer', (column) => column.notNull())
      .execute();
  },
};

export interface LeaseRequest {
  readonly name: string;
  readonly owner: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How long it holds unless it is taken again, in milliseconds. */
  readonly duration: number;
}

/** `undefined` where another owner holds it. Its own owner takes it again to hold it longer, with the same fence. */
export async function takeLease(trx: Transaction<any>, request: LeaseRequest): Promise<Lease | undefined> {
  const { name, owner, now, duration } = request;
  const row = await (trx as Transaction<Schema>)
    .insertInto('lease')
    .values({ name, owner, fence: 1, until: now + duration })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({
          owner,
          until: now + duration,
          fence: sql`lease.fence + (case when lease.owner = excluded.owner then 0 else 1 end)`,
        })
        .where((eb) => eb.or([eb('lease.owner', '=', owner), eb('lease.until', '<=', now)])),
    )
    .returning('fence')
    .executeTakeFirst();
  return row === undefined ? undefined : { name, owner, fence: row.fence };
}

/** Whether somebody holds it. */
export async function leaseHeld(db: Kysely<any>, name: string, now: number): Promise<boolean> {
  const row = await (db as Kysely<Schema>)
    .selectFrom('lease')
    .select('name')
    .where('name', '=', name)
    .where('until', '>', now)
    .executeTakeFirst();
  return row !== undefined;
}

/** The row stays, so that the fence grows for ever. */
export async function releaseLease(trx: Transaction<any>, lease: Lease): Promise<void> {
  await (trx as Transaction<Schema>)
    .updateTable('lease')
    .set({ until: 0 })
    .where('name', '=', lease.name)
    .where('fence', '=', lease.fence)
    .execute();
}

/** For a copy of the database: nobody works on it. */
export async function forgetLeases(trx: Transaction<any>): Promise<void> {
  await (trx as Transaction<Schema>).deleteFrom('lease').execute();
}
