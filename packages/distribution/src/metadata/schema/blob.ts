import type { Migration } from '@berth/database';

/** Bytes that are in storage, whole and verified, whichever repositories they belong to. */
export interface BlobTable {
  digest: string;
  /** In bytes. */
  size: number;
  /** Where in storage: on some drivers a finished upload stays under its own key. */
  path: string;
  created_at: number;
  /** Since when its bytes are known not to be those of its digest; to everybody it does not exist then. */
  quarantined_at: number | null;
}

/** Which blobs a repository holds. This, and never the bytes in storage, is what lets a blob be read. */
export interface RepositoryBlobTable {
  repository_id: number;
  digest: string;
  created_at: number;
}

export const createBlob: Migration = {
  async up(db) {
    await db.schema
      .createTable('blob')
      .addColumn('digest', 'text', (column) => column.primaryKey())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('quarantined_at', 'bigint')
      .execute();
    await db.schema.createIndex('blob_path').on('blob').column('path').execute();
    await db.schema
      .createTable('repository_blob')
      .addColumn('repository_id', 'integer', (column) =>
        column.notNull().references('repository.id').onDelete('cascade'),
      )
      .addColumn('digest', 'text', (column) => column.notNull().references('blob.digest'))
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('repository_blob_key', ['repository_id', 'digest'])
      .execute();
    await db.schema.createIndex('repository_blob_digest').on('repository_blob').column('digest').execute();
  },
};
