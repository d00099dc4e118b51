import type { Migration } from '@berth/database';
import type { DigestAlgorithm } from '@berth/protocol';

/** A session that receives a blob. Its offset is the size of its file: storage alone knows what arrived. */
export interface UploadTable {
  id: string;
  /** A name, since the repository may not exist before its first blob. */
  repository: string;
  /** Who may go on with it; null where nobody has an account. */
  account_id: string | null;
  /** What the bytes are hashed by as they pass: the client may say that it will name another one than sha256. */
  algorithm: DigestAlgorithm;
  /** Moved by each writer that begins: one that was overtaken must not finish. */
  fence: number;
  /** Noted before the bytes move to this blob's path, so that a crash before the commit can be cleaned up. */
  digest: string | null;
  started_at: number;
  updated_at: number;
}

export const createUpload: Migration = {
  async up(db) {
    await db.schema
      .createTable('upload')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('repository', 'text', (column) => column.notNull())
      .addColumn('account_id', 'text')
      .addColumn('algorithm', 'text', (column) => column.notNull())
      .addColumn('fence', 'integer', (column) => column.notNull())
      .addColumn('digest', 'text')
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('upload_updated').on('upload').column('updated_at').execute();
    await db.schema.createIndex('upload_digest').on('upload').column('digest').execute();
  },
};
