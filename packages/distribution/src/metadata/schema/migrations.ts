import type { Migrations } from '@berth/database';
import { createBlob } from './blob.ts';
import { createCollection } from './collection.ts';
import { createJob } from './job.ts';
import { createImport } from './import.ts';
import { createManifest } from './manifest.ts';
import { createRepository } from './repository.ts';
import { createTag } from './tag.ts';
import { createUpload } from './upload.ts';

/** In their order; a released one never changes. */
export const migrations: Migrations = {
  '0001-repository': createRepository,
  '0002-blob': createBlob,
  '0003-manifest': createManifest,
  '0004-tag': createTag,
  '0005-upload': createUpload,
  '0006-collection': createCollection,
  '0007-import': createImport,
  '0008-job': createJob,
};
