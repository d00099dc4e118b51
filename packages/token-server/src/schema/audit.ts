import type { Migration } from '@berth/database';
import { sql, type Generated } from 'kysely';

/** Who did what: see `AuditEvent` of `@berth/protocol`. `before` and `after` are JSON. */
export interface AuditTable {
  id: Generated<number>;
  at: number;
  action: string;
  outcome: string;
  actor: string;
  address: string | null;
  credential: string | null;
  repository: string | null;
  target: string | null;
  before: string | null;
  after: string | null;
  reason: string | null;
}

export const createAudit: Migration = {
  async up(db) {
    await db.schema
      .createTable('audit')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('address', 'text')
      .addColumn('credential', 'text')
      .addColumn('repository', 'text')
      .addColumn('target', 'text')
      .addColumn('before', 'text')
      .addColumn('after', 'text')
      .addColumn('reason', 'text')
      .execute();
    for (const column of ['at', 'actor', 'repository']) {
      await db.schema.createIndex(`audit_${column}`).on('audit').columns([column, 'id']).execute();
    }
  },
};

/** As one column: of two with an index each, SQLite walks that of the outcome, of which there are three. */
export const actionAndOutcome = sql<string>`action || ' ' || outcome`;

/**
 * Pages are in the order of time. What is filtered by one column, or by action and outcome, of which there are few, is found
 * without a look at the rest.
 */
export const indexAuditByTime: Migration = {
  async up(db) {
    for (const column of ['actor', 'repository']) await db.schema.dropIndex(`audit_${column}`).execute();
    for (const column of ['actor', 'repository', 'action', 'outcome']) {
      await db.schema.createIndex(`audit_${column}`).on('audit').columns([column, 'at', 'id']).execute();
    }
    await db.schema
      .createIndex('audit_action_outcome')
      .on('audit')
      .expression(sql`(${actionAndOutcome}), at, id`)
      .execute();
  },
};
