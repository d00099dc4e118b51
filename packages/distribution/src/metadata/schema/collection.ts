import type { Migration } from '@berth/database';

/**
 * What may be an orphan, and when that is looked into. A change that can make an orphan puts it here in its own
 * transaction. A row goes with what it is about.
 */
interface Review {
  /** Milliseconds since 1970. */
  due_at: number;
}

/** Referrers whose subject was deleted. */
export interface ManifestReviewTable extends Review {
  repository_id: number;
  digest: string;
}

/** Blobs that a repository holds, and that maybe no manifest of it names. */
export interface LinkReviewTable extends Review {
  repository_id: number;
  digest: string;
  /** When a push sent the blob or asked for it; 0 where a manifest that was put after that is deleted. */
  used_at: number;
}

/** Blobs that maybe no repository holds. */
export interface BlobReviewTable extends Review {
  digest: string;
}

/** Files in storage that nothing needs: they are deleted there, and only then forgotten here. */
export interface DeletionTable {
  path: string;
  /** In bytes, for reports. */
  size: number;
  due_at: number;
  /** Until then somebody is deleting it. */
  leased_until: number;
  attempts: number;
}

export const createCollection: Migration = {
  async up(db) {
    await db.schema
      .createTable('manifest_review')
      .addColumn('repository_id', 'integer', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('manifest_review_key', ['repository_id', 'digest'])
      .addForeignKeyConstraint(
        'manifest_review_manifest',
        ['repository_id', 'digest'],
        'manifest',
        ['repository_id', 'digest'],
        (constraint) => constraint.onDelete('cascade'),
      )
      .execute();
    await db.schema
      .createTable('link_review')
      .addColumn('repository_id', 'integer', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .addColumn('used_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('link_review_key', ['repository_id', 'digest'])
      .addForeignKeyConstraint(
        'link_review_link',
        ['repository_id', 'digest'],
        'repository_blob',
        ['repository_id', 'digest'],
        (constraint) => constraint.onDelete('cascade'),
      )
      .execute();
    await db.schema
      .createTable('blob_review')
      .addColumn('digest', 'text', (column) =>
        column.primaryKey().references('blob.digest').onDelete('cascade'),
      )
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('deletion')
      .addColumn('path', 'text', (column) => column.primaryKey())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .addColumn('leased_until', 'bigint', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .execute();
    for (const table of ['manifest_review', 'link_review', 'blob_review', 'deletion']) {
      await db.schema.createIndex(`${table}_due`).on(table).column('due_at').execute();
    }
  },
};
