import type { Bucket } from './bucket.ts';
import { listUploads } from './multipart.ts';
import { listObjects } from './objects.ts';

/** Unfinished files come first: those that are a tail and parts, or parts only. */
export async function* listFiles(
  bucket: Bucket,
  folder: string,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const prefix = bucket.keys.below(folder);
  const unfinished = new Set<string>();
  for await (const { key } of listUploads(bucket, prefix, signal)) {
    const known = bucket.keys.parse(key);
    if (known) unfinished.add(known.path);
  }
  yield* unfinished;
  for await (const page of listObjects(bucket, prefix, signal)) {
    for (const { key } of page) {
      const known = bucket.keys.parse(key);
      if (known && !known.isTail && !unfinished.has(known.path)) yield known.path;
    }
  }
}
