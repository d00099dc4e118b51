import type { Bucket } from './bucket.ts';
import { isMadeOf } from './file-state.ts';
import { abortUpload, listParts, listUploads, type OpenUpload, type Part } from './multipart.ts';
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
    const parts = await listParts(bucket, upload, signal);
    if ((await lastChange(bucket, known.path, upload, parts, signal)) >= before) {
      alive.add(known.path);
    } else if (!(await isCompleted(bucket, upload, parts, signal))) {
      await abortUpload(bucket, upload, signal);
      ended.add(known.path);
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
  parts: readonly Part[],
  signal?: AbortSignal,
): Promise<Date> {
  const tail = await headObject(bucket, bucket.keys.tail(path), signal);
  const times = [
    upload.initiated,
    ...parts.map(({ modified }) => modified),
    ...(tail ? [tail.modified] : []),
  ];
  return times.reduce((latest, time) => (time > latest ? time : latest));
}

/** Swift completes an upload in two steps. After a crash in between it is listed still, and its parts are those of the object. */
async function isCompleted(
  bucket: Bucket,
  { key }: OpenUpload,
  parts: readonly Part[],
  signal?: AbortSignal,
): Promise<boolean> {
  const object = await headObject(bucket, key, signal);
  return object !== null && isMadeOf(object, parts);
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
