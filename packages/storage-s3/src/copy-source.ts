import type { Bucket } from './bucket.ts';
import { nativeError } from './errors.ts';
import { headObject } from './objects.ts';

/** An object to copy from. */
export interface CopySource {
  readonly key: string;
  /** What it still has to have. */
  readonly etag: string;
  /** In bytes. */
  readonly size: number;
}

/** Of `CopyObject` and `UploadPartCopy`. */
export interface SourceInput {
  readonly CopySource: string;
  readonly CopySourceIfMatch?: string;
}

/**
 * Runs `copy` under the condition that the source has its ETag. Swift compares it with another one where the object is of
 * several parts, and says 412: if it can be seen there unchanged, it is copied without the condition.
 */
export async function copyUnchanged<T>(
  bucket: Bucket,
  { key, etag }: CopySource,
  signal: AbortSignal | undefined,
  copy: (source: SourceInput) => Promise<T>,
): Promise<T> {
  const source = { CopySource: encoded(bucket, key) };
  try {
    return await copy({ ...source, CopySourceIfMatch: etag });
  } catch (error) {
    if (nativeError(error).status !== 412) throw error;
    if ((await headObject(bucket, key, signal))?.etag !== etag) throw error;
    return copy(source);
  }
}

/** As the header wants it: every segment encoded. */
function encoded(bucket: Bucket, key: string): string {
  return [bucket.name, ...key.split('/')].map(encodeURIComponent).join('/');
}
