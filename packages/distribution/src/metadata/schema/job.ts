import type { Migration } from '@berth/database';

/** Long work that somebody asked for. */
export interface JobTable {
  id: string;
  /** `garbage-collect`, `verify`, `check`. */
  kind: string;
  state: 'running' | 'done' | 'failed' | 'stopped';
  /** JSON: what was asked for. */
  options: string;
  /** JSON: how far it is, and in the end what it did. */
  report: string;
  /** For people; null unless it failed. */
  error: string | null;
  started_at: number;
  /** Name of the account. */
  started_by: string;
  ended_at: number | null;
}

export const createJob: Migration = {
  async up(db) {
    await db.schema
      .createTable('job')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('options', 'text', (column) => column.notNull())
      .addColumn('report', 'text', (column) => column.notNull())
      .addColumn('error', 'text')
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('started_by', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .execute();
    await db.schema.createIndex('job_started').on('job').column('started_at').execute();
  },
};
