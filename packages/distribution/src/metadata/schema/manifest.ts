import type { Migration } from '@berth/database';

/** Manifests and indexes, byte for byte, by repository: the same bytes in two repositories are two rows. */
export interface ManifestTable {
  repository_id: number;
  digest: string;
  media_type: string;
  /** For the referrers of its subject: its `artifactType`, else the media type of its config. */
  artifact_type: string | null;
  payload: Uint8Array;
  /** Not a foreign key: a subject may be pushed later, or never. */
  subject: string | null;
  /** JSON object, for the referrers of its subject. */
  annotations: string | null;
  created_at: number;
  created_by: string;
  /** When it was put last: what was put a moment ago may get its tag or its index in the next. */
  put_at: number;
}

/** What a manifest names. Not a foreign key: an index may name what is not here. */
export interface ManifestReferenceTable {
  repository_id: number;
  manifest: string;
  kind: 'blob' | 'manifest';
  target: string;
}

export const createManifest: Migration = {
  async up(db) {
    await db.schema
      .createTable('manifest')
      .addColumn('repository_id', 'integer', (column) =>
        column.notNull().references('repository.id').onDelete('cascade'),
      )
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('media_type', 'text', (column) => column.notNull())
      .addColumn('artifact_type', 'text')
      .addColumn('payload', 'blob', (column) => column.notNull())
      .addColumn('subject', 'text')
      .addColumn('annotations', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('put_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('manifest_key', ['repository_id', 'digest'])
      .execute();
    await db.schema
      .createIndex('manifest_subject')
      .on('manifest')
      .columns(['repository_id', 'subject', 'digest'])
      .execute();
    await db.schema
      .createTable('manifest_reference')
      .addColumn('repository_id', 'integer', (column) => column.notNull())
      .addColumn('manifest', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('target', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('manifest_reference_key', ['repository_id', 'manifest', 'target'])
      .addForeignKeyConstraint(
        'manifest_reference_manifest',
        ['repository_id', 'manifest'],
        'manifest',
        ['repository_id', 'digest'],
        (constraint) => constraint.onDelete('cascade'),
      )
      .execute();
    await db.schema
      .createIndex('manifest_reference_target')
      .on('manifest_reference')
      .columns(['repository_id', 'target'])
      .execute();
  },
};
