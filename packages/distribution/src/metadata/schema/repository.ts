import type { Visibility } from '@berth/protocol';
import type { Migration } from '@berth/database';
import type { Generated } from 'kysely';

/** A repository exists from its first blob or manifest. */
export interface RepositoryTable {
  id: Generated<number>;
  name: string;
  visibility: Visibility;
  /** JSON list of tag patterns. */
  immutable_tags: string;
  description: string;
  created_at: number;
}

export const createRepository: Migration = {
  async up(db) {
    await db.schema
      .createTable('repository')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('visibility', 'text', (column) => column.notNull())
      .addColumn('immutable_tags', 'text', (column) => column.notNull())
      .addColumn('description', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
