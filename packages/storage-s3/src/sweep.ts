import type { Bucket } from './bucket.ts';
import { abortUpload, listParts, listUploads, type OpenUpload } from './multipart.ts';
import { deleteObject, headObject, listObjects } from './objects.ts';

/** Below `folder`, ends uploads that nothing was added to since `before`, and removes tails that belong to none. */
export async function sweep(
  bucket: Bucket,
  folder: string,
  before: Date,
  signal?: AbortSignal,
): Promise<string[]> {
  const ended = new Set<string>();
  const alive = new Set<string>();
  for await (const upload of listUploads(bucket, bucket.keys.below(folder), signal)) {
    const known = bucket.keys.parse(upload.key);
    if (!known) continue;
    if ((await lastChange(bucket, known.path, upload, signal)) < before) {
      await abortUpload(bucket, upload, signal);
      ended.add(known.path);
    } else {
      alive.add(known.path);
    }
  }
  for await (const path of oldTails(bucket, folder, before, signal)) {
    if (alive.has(path)) continue;
    await deleteObject(bucket, bucket.keys.tail(path), signal);
  }
  return [...ended];
}

/** An upload that began long ago may still be written to. */
async function lastChange(
  bucket: Bucket,
  path: string,
  upload: OpenUpload,
  signal?: AbortSignal,
): Promise<Date> {
  const parts = await listParts(bucket, upload, signal);
  const tail = await headObject(bucket, bucket.keys.tail(path), signal);
  const times = [
    upload.initiated,
    ...parts.map(({ modified }) => modified),
    ...(tail ? [tail.modified] : []),
  ];
  return times.reduce((latest, time) => (time > latest ? time : latest));
}

async function* oldTails(
  bucket: Bucket,
  folder: string,
  before: Date,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  for await (const page of listObjects(bucket, bucket.keys.below(folder), signal)) {
    for (const { key, modified } of page) {
      const known = bucket.keys.parse(key);
      if (known?.isTail && modified < before) yield known.path;
    }
  }
}
