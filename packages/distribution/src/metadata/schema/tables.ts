import type { Kysely, Transaction } from 'kysely';
import type { BlobTable, RepositoryBlobTable } from './blob.ts';
import type { BlobReviewTable, DeletionTable, LinkReviewTable, ManifestReviewTable } from './collection.ts';
import type { JobTable } from './job.ts';
import type { ImportLinkTable, ImportRepositoryTable, ImportSkipTable, ImportTable } from './import.ts';
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
  manifest_review: ManifestReviewTable;
  link_review: LinkReviewTable;
  blob_review: BlobReviewTable;
  deletion: DeletionTable;
  import: ImportTable;
  import_repository: ImportRepositoryTable;
  import_link: ImportLinkTable;
  import_skip: ImportSkipTable;
  job: JobTable;
}

/** A reader or a transaction. */
export type Reader = Kysely<DistributionTables>;
export type Writer = Transaction<DistributionTables>;
