import { StorageError } from '@berth/storage';

import { copyObject } from './copy.ts';
import { deleteObject, headObject } from './objects.ts';
import type { CopyOptions } from './options.ts';
import { finishFile } from './finish-file.ts';
import type { Destination } from './writer/s3-writer.ts';

/** Copies and deletes: a crash in between leaves the file at both paths, whole. */
export async function moveFile(
  from: Destination,
  to: string,
  options: CopyOptions,
  signal?: AbortSignal,
): Promise<void> {
  const { bucket, path } = from;
  const key = bucket.keys.file(path);
  const object = (await headObject(bucket, key, signal)) ?? (await finished(from, signal));
  if (!object) throw new StorageError('NOT_FOUND', `no file at "${path}"`);
  if (path === to) return;
  await copyObject(
    bucket,
    { key, etag: object.etag, size: object.size },
    bucket.keys.file(to),
    options,
    signal,
  );
  await deleteObject(bucket, key, signal);
}

async function finished(from: Destination, signal?: AbortSignal) {
  const isFinished = await finishFile(from, signal);
  return isFinished ? headObject(from.bucket, from.bucket.keys.file(from.path), signal) : null;
}
