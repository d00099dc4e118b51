import type { Migration } from '@berth/database';

export interface TagTable {
  repository_id: number;
  name: string;
  /** The manifest that it names. */
  digest: string;
  updated_at: number;
  /** Name of the account that put it there. */
  updated_by: string;
}

export const createTag: Migration = {
  async up(db) {
    await db.schema
      .createTable('tag')
      .addColumn('repository_id', 'integer', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_by', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('tag_key', ['repository_id', 'name'])
      .addForeignKeyConstraint(
        'tag_manifest',
        ['repository_id', 'digest'],
        'manifest',
        ['repository_id', 'digest'],
        (constraint) => constraint.onDelete('cascade'),
      )
      .execute();
    await db.schema.createIndex('tag_digest').on('tag').columns(['repository_id', 'digest']).execute();
  },
};
