import type { Migration } from '@berth/database';

/** How far the import of a `registry:2` tree is: one row, made where one begins, and there for ever. */
export interface ImportTable {
  id: 1;
  phase: 'listing' | 'importing' | 'done';
  /** Links that were found, and those of them that were looked at. */
  links: number;
  done: number;
  /** Half-finished uploads, which stay where they are. */
  uploads: number;
  /** Milliseconds since 1970. */
  ended_at: number | null;
}

/** Repositories of the tree that are not imported to their end. */
export interface ImportRepositoryTable {
  name: string;
}

/** Link files of the tree that were not looked at. */
export interface ImportLinkTable {
  repository: string;
  kind: 'layer' | 'revision' | 'tag';
  /** The digest that its path has, or the tag. */
  name: string;
}

/** What was not imported, or not whole. */
export interface ImportSkipTable {
  path: string;
  reason: string;
  detail: string;
}

export const createImport: Migration = {
  async up(db) {
    await db.schema
      .createTable('import')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('phase', 'text', (column) => column.notNull())
      .addColumn('links', 'integer', (column) => column.notNull())
      .addColumn('done', 'integer', (column) => column.notNull())
      .addColumn('uploads', 'integer', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .execute();
    await db.schema
      .createTable('import_repository')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .execute();
    await db.schema
      .createTable('import_link')
      .addColumn('repository', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('import_link_key', ['repository', 'kind', 'name'])
      .execute();
    await db.schema
      .createTable('import_skip')
      .addColumn('path', 'text', (column) => column.primaryKey())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('import_skip_reason').on('import_skip').columns(['reason', 'path']).execute();
    // A file at the path of a blob that is the payload of a manifest: `registry:2` has them, and so has an export.
    await db.schema.createIndex('manifest_digest').on('manifest').column('digest').execute();
  },
};
