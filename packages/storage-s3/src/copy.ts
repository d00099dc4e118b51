import { CopyObjectCommand } from '@aws-sdk/client-s3';

import type { Bucket } from './bucket.ts';
import { inParallel } from './in-parallel.ts';
import {
  abortUpload,
  completeUpload,
  copyPart,
  copySource,
  createUpload,
  type CopiedRange,
  type Part,
  type UploadReference,
} from './multipart.ts';
import { LARGEST_PART, type CopyOptions } from './options.ts';
import { MOST_PARTS } from './writer/part-sizes.ts';

export interface CopySource {
  readonly key: string;
  readonly etag: string;
  /** In bytes. */
  readonly size: number;
}

/** Copies within the bucket, over what lies at `to`. The server does it; no byte comes here. */
export async function copyObject(
  bucket: Bucket,
  from: CopySource,
  to: string,
  options: CopyOptions,
  signal?: AbortSignal,
): Promise<void> {
  if (from.size > Math.min(options.threshold, LARGEST_PART))
    return copyInParts(bucket, from, to, options, signal);
  const copy = new CopyObjectCommand({
    Bucket: bucket.name,
    Key: to,
    CopySource: copySource(bucket, from.key),
    CopySourceIfMatch: from.etag,
    ...bucket.settings,
  });
  await bucket.send(copy, signal);
}

async function copyInParts(
  bucket: Bucket,
  from: CopySource,
  to: string,
  options: CopyOptions,
  signal?: AbortSignal,
): Promise<void> {
  const upload = await createUpload(bucket, to, signal);
  try {
    const parts = await copyIntoUpload(bucket, upload, from, options, signal);
    await completeUpload(bucket, upload, parts, { ifNew: false, signal });
  } catch (error) {
    await abortUpload(bucket, upload).catch(() => undefined);
    throw error;
  }
}

/** Copies the object as the first parts of the upload. */
export async function copyIntoUpload(
  bucket: Bucket,
  upload: UploadReference,
  from: CopySource,
  { chunkSize, concurrency }: Pick<CopyOptions, 'chunkSize' | 'concurrency'>,
  signal?: AbortSignal,
): Promise<Part[]> {
  const ranges = rangesOf(from, chunkSize);
  const copy = (range: CopiedRange, index: number) => copyPart(bucket, upload, index + 1, range, signal);
  return inParallel(ranges, concurrency, copy);
}

/** Ranges of `chunkSize` bytes, or of more where they would be too many; only the last one is shorter. */
function rangesOf({ key, etag, size }: CopySource, chunkSize: number): CopiedRange[] {
  const length = Math.max(chunkSize, Math.ceil(size / MOST_PARTS));
  return Array.from({ length: Math.ceil(size / length) }, (_, index) => {
    return { key, etag, start: index * length, end: Math.min((index + 1) * length, size) };
  });
}
