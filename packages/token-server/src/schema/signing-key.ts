import type { Migration } from '@berth/database';

/** Keys that sign access tokens. One is published before it signs, and until the last token it signed has ended. */
export interface SigningKeyTable {
  /** RFC 7638 thumbprint. */
  kid: string;
  algorithm: 'ES256' | 'RS256';
  /** JWK with its private part, as JSON. */
  private_jwk: string;
  /** Self-signed, DER in base64: for verifiers that know keys by certificates. */
  certificate: string;
  created_at: number;
  /** From when on it signs; the newest of those that sign does. */
  signs_from: number;
}

export const createSigningKey: Migration = {
  async up(db) {
    await db.schema
      .createTable('signing_key')
      .addColumn('kid', 'text', (column) => column.primaryKey())
      .addColumn('algorithm', 'text', (column) => column.notNull())
      .addColumn('private_jwk', 'text', (column) => column.notNull())
      .addColumn('certificate', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('signs_from', 'bigint', (column) => column.notNull())
      .execute();
  },
};
