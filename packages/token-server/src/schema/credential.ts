import type { Migration } from '@berth/database';

/** Personal access tokens of users and robots, and refresh tokens of users. The secret itself is nowhere. */
export interface CredentialTable {
  id: string;
  kind: 'personal' | 'refresh';
  subject_id: string;
  /** Given by its maker; empty for a refresh token. */
  name: string;
  /** SHA-256 of the secret, in hex. */
  secret_hash: string;
  /** JSON `[{repository: pattern, actions: [...]}]`; null: no narrower than its owner. */
  scopes: string | null;
  /** The service a refresh token is bound to. */
  service: string | null;
  /** The owner's epoch when it was made; a refresh token of an older one is refused. */
  epoch: number;
  created_at: number;
  expires_at: number | null;
  /** Written at most once a minute. */
  last_used_at: number | null;
}

export const createCredential: Migration = {
  async up(db) {
    await db.schema
      .createTable('credential')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject_id', 'text', (column) =>
        column.notNull().references('subject.id').onDelete('cascade'),
      )
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
      .addColumn('scopes', 'text')
      .addColumn('service', 'text')
      .addColumn('epoch', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('last_used_at', 'bigint')
      .execute();
    await db.schema
      .createIndex('credential_subject')
      .on('credential')
      .columns(['subject_id', 'kind'])
      .execute();
  },
};
