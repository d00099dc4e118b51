import type { Migration } from '@berth/database';

/** Who may, or may not, do what where. */
export interface AccessGrantTable {
  id: string;
  effect: 'allow' | 'deny';
  subject_kind: 'user' | 'team' | 'robot' | 'authenticated' | 'anonymous';
  /** Null for `authenticated` and `anonymous`. */
  subject_id: string | null;
  /** A repository pattern in text. */
  pattern: string;
  /** JSON list of actions: those of the role where it was given as one. */
  actions: string;
  role: string | null;
  /** A tag pattern; null: every tag. */
  tags: string | null;
  expires_at: number | null;
  comment: string | null;
  created_at: number;
  /** Name of who made it, as the audit has it. */
  created_by: string;
  /** 1: made by an administrator, and only such a one removes it. */
  by_admin: number;
}

export const createAccessGrant: Migration = {
  async up(db) {
    await db.schema
      .createTable('access_grant')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('effect', 'text', (column) => column.notNull())
      .addColumn('subject_kind', 'text', (column) => column.notNull())
      .addColumn('subject_id', 'text', (column) => column.references('subject.id').onDelete('cascade'))
      .addColumn('pattern', 'text', (column) => column.notNull())
      .addColumn('actions', 'text', (column) => column.notNull())
      .addColumn('role', 'text')
      .addColumn('tags', 'text')
      .addColumn('expires_at', 'bigint')
      .addColumn('comment', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('by_admin', 'integer', (column) => column.notNull())
      .execute();
    const indexes = [
      ['access_grant_subject', ['subject_kind', 'subject_id']],
      ['access_grant_pattern', ['pattern']],
    ] as const;
    for (const [name, columns] of indexes) {
      await db.schema
        .createIndex(name)
        .on('access_grant')
        .columns([...columns])
        .execute();
    }
  },
};
