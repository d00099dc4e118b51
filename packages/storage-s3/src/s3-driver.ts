import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import {
  checkedDriver,
  type AdoptInPlace,
  type SignedUrls,
  type StorageDriver,
  type Sweep,
} from '@berth/storage';

import { Bucket } from './bucket.ts';
import { s3Client } from './client.ts';
import { deleteFiles } from './delete-files.ts';
import { fileSize } from './file-state.ts';
import { Keys } from './keys.ts';
import { listFiles } from './list-files.ts';
import { moveFile } from './move-file.ts';
import { checkOptions, DEFAULT_CHUNK_SIZE, DEFAULT_COPY, type S3DriverOptions } from './options.ts';
import { readFile } from './read-file.ts';
import { signedUrl } from './signed-urls.ts';
import { sweep } from './sweep.ts';
import { openWriter, type Destination } from './writer/s3-writer.ts';

/** Keeps files in one bucket of S3, or of a server that speaks as it does. Opens no connection before it is used. */
export function s3Driver(options: S3DriverOptions): StorageDriver {
  checkOptions(options);
  const bucket = new Bucket(s3Client(options), new Keys(options.rootDirectory), options);
  const { redirectEndpoint, chunkSize = DEFAULT_CHUNK_SIZE } = options;
  const signing = redirectEndpoint ? s3Client(options, redirectEndpoint) : bucket.client;
  const at = (path: string): Destination => ({ bucket, path, chunkSize });

  const driver: StorageDriver & SignedUrls & Sweep & AdoptInPlace = {
    async stat(path, { signal } = {}) {
      const size = await fileSize(bucket, path, signal);
      return size === null ? null : { size };
    },
    read: (path, options) => readFile(at(path), options),
    append: (path, { signal } = {}) => openWriter(at(path), signal),
    move: (from, to, { signal } = {}) => moveFile(at(from), to, { ...DEFAULT_COPY, ...options.copy }, signal),
    delete: (path, { signal } = {}) => deleteFiles(bucket, path, signal),
    list: (prefix, { signal } = {}) => listFiles(bucket, prefix, signal),
    signedUrl: (path, options) => signedUrl(bucket, signing, path, options),
    sweep: (prefix, before, { signal } = {}) => sweep(bucket, prefix, before, signal),
    adoptInPlace: true,
  };
  return checkedDriver(driver);
}

/** For a start: rejects where the bucket cannot be reached, does not exist or is not ours, with words that say which. */
export async function checkBucket(options: S3DriverOptions): Promise<void> {
  checkOptions(options);
  const client = s3Client(options);
  const bucket = new Bucket(client, new Keys(options.rootDirectory), options);
  try {
    // HEAD has no body that could say what is wrong.
    await bucket.send(new ListObjectsV2Command({ Bucket: bucket.name, MaxKeys: 1 }));
  } finally {
    client.destroy();
  }
}
