import { CopyObjectCommand } from '@aws-sdk/client-s3';

import type { Bucket } from './bucket.ts';
import { copyUnchanged, type CopySource } from './copy-source.ts';
import { inParallel } from './in-parallel.ts';
import {
  abortUpload,
  completeUpload,
  copyPart,
  createUpload,
  type CopiedRange,
  type Part,
  type UploadReference,
} from './multipart.ts';
import { LARGEST_PART, type CopyOptions } from './options.ts';
import { MOST_PARTS } from './writer/part-sizes.ts';

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
  await copyUnchanged(bucket, from, signal, (source) => {
    const copy = new CopyObjectCommand({ Bucket: bucket.name, Key: to, ...source, ...bucket.settings });
    return bucket.send(copy, signal);
  });
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
function rangesOf(source: CopySource, chunkSize: number): CopiedRange[] {
  const { size } = source;
  const length = Math.max(chunkSize, Math.ceil(size / MOST_PARTS));
  return Array.from({ length: Math.ceil(size / length) }, (_, index) => {
    return { source, start: index * length, end: Math.min((index + 1) * length, size) };
  });
}
