import type { Bucket } from './bucket.ts';
import { listParts, listUploads, type OpenUpload, type Part } from './multipart.ts';
import { headObject, type StoredObject } from './objects.ts';

/** What lies at a path. The file is the object there, or an open multipart upload with its tail. */
export type FileState =
  | { readonly kind: 'none'; readonly size: 0 }
  | {
      readonly kind: 'object';
      readonly size: number;
      readonly object: StoredObject;
      readonly upload?: OpenUpload;
    }
  | {
      readonly kind: 'upload';
      /** Of the parts and the tail. */
      readonly size: number;
      readonly upload: OpenUpload;
      readonly parts: readonly Part[];
      /** The tail, where it counts. */
      readonly tail?: StoredObject;
      /** Whether there is one at all. */
      readonly hasTail: boolean;
      /** What the upload began with: its bytes are in the first parts. */
      readonly object?: StoredObject;
    };

/** What stands in the metadata of a tail: whose it is, and how many bytes come before it. */
export interface TailMetadata {
  readonly upload: string;
  readonly offset: string;
}

/** `null` where there is no file at `path`, finished or not. */
export async function fileSize(bucket: Bucket, path: string, signal?: AbortSignal): Promise<number | null> {
  const state = await inspectFile(bucket, path, signal);
  return state.kind === 'none' ? null : state.size;
}

/**
 * Asks the server what is at the path: no process remembers anything about an unfinished file. Of several open uploads the
 * newest counts, since it is the last writer's.
 */
export async function inspectFile(bucket: Bucket, path: string, signal?: AbortSignal): Promise<FileState> {
  const key = bucket.keys.file(path);
  const [object, tail, upload] = await Promise.all([
    headObject(bucket, key, signal),
    headObject(bucket, bucket.keys.tail(path), signal),
    newestUpload(bucket, key, signal),
  ]);
  const parts = upload ? await listParts(bucket, upload, signal) : [];
  return stateOf({ object, tail, upload, parts });
}

/** What the server answered about one path. */
export interface Found {
  readonly object: StoredObject | null;
  readonly tail: StoredObject | null;
  readonly upload: OpenUpload | undefined;
  readonly parts: readonly Part[];
}

/**
 * An object and an upload exist together after a crash at the time when a finished file was being continued. One is then
 * the beginning of the other, and the longer one is the file. A tail belongs to the file if it was written behind exactly
 * these parts; otherwise its bytes are in a part already.
 */
export function stateOf({ object, tail, upload, parts }: Found): FileState {
  if (upload) {
    const contiguous = parts.filter(({ number }, index) => number === index + 1);
    const offset = sizeOf(contiguous);
    const fits = tail?.metadata['upload'] === upload.id && tail.metadata['offset'] === String(offset);
    const size = offset + (fits ? tail.size : 0);
    const rest = { hasTail: tail !== null, ...(fits && { tail }), ...(object && { object }) };
    if (!object || object.size <= size) return { kind: 'upload', size, upload, parts: contiguous, ...rest };
  }
  if (!object) return { kind: 'none', size: 0 };
  return { kind: 'object', size: object.size, object, ...(upload && { upload }) };
}

/** Whether the object is an upload of these parts, as far as its size and its ETag say. */
export function isMadeOf({ size, etag }: StoredObject, parts: readonly Part[]): boolean {
  return size === sizeOf(parts) && etag.replaceAll('"', '').endsWith(`-${parts.length}`);
}

export function sizeOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

async function newestUpload(
  bucket: Bucket,
  key: string,
  signal?: AbortSignal,
): Promise<OpenUpload | undefined> {
  let newest: OpenUpload | undefined;
  for await (const upload of listUploads(bucket, key, signal)) {
    if (upload.key === key && (!newest || upload.initiated >= newest.initiated)) newest = upload;
  }
  return newest;
}
