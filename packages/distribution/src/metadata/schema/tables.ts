import type { Kysely, Transaction } from 'kysely';
import type { BlobTable, RepositoryBlobTable } from './blob.ts';
import type { ManifestReferenceTable, ManifestTable } from './manifest.ts';
import type { RepositoryAncestorTable, RepositoryTable } from './repository.ts';
import type { TagTable } from './tag.ts';
import type { UploadTable } from './upload.ts';

/** Tables of the registry. Times are milliseconds since 1970, lists JSON. */
export interface DistributionTables {
  repository: RepositoryTable;
  repository_ancestor: RepositoryAncestorTable;
  blob: BlobTable;
  repository_blob: RepositoryBlobTable;
  manifest: ManifestTable;
  manifest_reference: ManifestReferenceTable;
  tag: TagTable;
  upload: UploadTable;
}

/** A reader or a transaction. */
export type Reader = Kysely<DistributionTables>;
export type Writer = Transaction<DistributionTables>;
