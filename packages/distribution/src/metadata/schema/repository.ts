import type { Visibility } from '@berth/protocol';
import type { Migration } from '@berth/database';
import type { Generated } from 'kysely';

/** A repository exists from its first blob or manifest. */
export interface RepositoryTable {
  id: Generated<number>;
  /** `null` for one that was deleted: nobody finds it, and the collector empties it. */
  name: string | null;
  /** The name without its last part; empty where it has one part only. */
  parent: string;
  visibility: Visibility;
  /** JSON list of tag patterns. */
  immutable_tags: string;
  description: string;
  created_at: number;
}

/** All that a repository is below: `a/b/c` is below `a` and `a/b`. Patterns such as `a/**` are looked up here. */
export interface RepositoryAncestorTable {
  ancestor: string;
  repository_id: number;
}

export const createRepository: Migration = {
  async up(db) {
    await db.schema
      .createTable('repository')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('name', 'text', (column) => column.unique())
      .addColumn('parent', 'text', (column) => column.notNull())
      .addColumn('visibility', 'text', (column) => column.notNull())
      .addColumn('immutable_tags', 'text', (column) => column.notNull())
      .addColumn('description', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('repository_parent').on('repository').column('parent').execute();
    await db.schema
      .createIndex('repository_visibility')
      .on('repository')
      .columns(['visibility', 'name'])
      .execute();
    await db.schema
      .createTable('repository_ancestor')
      .addColumn('ancestor', 'text', (column) => column.notNull())
      .addColumn('repository_id', 'integer', (column) =>
        column.notNull().references('repository.id').onDelete('cascade'),
      )
      .addPrimaryKeyConstraint('repository_ancestor_key', ['ancestor', 'repository_id'])
      .execute();
    await db.schema
      .createIndex('repository_ancestor_repository')
      .on('repository_ancestor')
      .column('repository_id')
      .execute();
  },
};
