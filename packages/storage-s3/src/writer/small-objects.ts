import { randomUUID } from 'node:crypto';

import { StorageError } from '@berth/storage';

import { nativeError } from '../errors.ts';
import type { FileState, TailMetadata } from '../file-state.ts';
import { headObject, putObject, type Precondition } from '../objects.ts';
import type { Destination } from './s3-writer.ts';

/**
 * Writes the whole file as one object, unless another writer has written there since: one that was believed dead may wake
 * up. Where the answer to the first try was lost, the second try is refused because of the first; the mark `writer` shows
 * that the object is our own.
 */
export async function writeSmallFile(
  { bucket, path }: Destination,
  bytes: Uint8Array,
  before?: FileState,
): Promise<void> {
  const key = bucket.keys.file(path);
  const writer = randomUUID();
  const condition: Precondition =
    before?.kind === 'object' ? { IfMatch: before.object.etag } : { IfNoneMatch: '*' };
  try {
    await putObject(bucket, key, bytes, { condition, metadata: { writer } });
  } catch (error) {
    if (nativeError(error).status !== 412) throw error;
    const there = await headObject(bucket, key);
    if (there?.metadata['writer'] !== writer) throw overtaken(path, error);
  }
}

/** What is left of the file behind `offset` bytes in the parts of the upload. */
export async function writeTail(
  { bucket, path }: Destination,
  upload: string,
  offset: number,
  bytes: Uint8Array,
): Promise<void> {
  const metadata: TailMetadata = { upload, offset: String(offset) };
  await putObject(bucket, bucket.keys.tail(path), bytes, { metadata: { ...metadata } });
}

export function overtaken(path: string, cause: unknown): StorageError {
  return new StorageError('IO_ERROR', `another writer has written "${path}"`, { cause });
}
