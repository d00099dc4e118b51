import type { Migration } from '@berth/database';
import type { Generated } from 'kysely';

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
