import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { StorageError } from '@berth/storage';

import type { Bucket } from './bucket.ts';
import { storageError } from './errors.ts';

/** The most keys that one `DeleteObjects` takes, and one page of a list has. */
export const PAGE = 1000;

export interface StoredObject {
  /** In bytes. */
  readonly size: number;
  readonly etag: string;
  readonly modified: Date;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ListedObject {
  readonly key: string;
  readonly modified: Date;
}

/** `null` where there is no object. */
export async function headObject(
  bucket: Bucket,
  key: string,
  signal?: AbortSignal,
): Promise<StoredObject | null> {
  const head = new HeadObjectCommand({ Bucket: bucket.name, Key: key });
  const answer = await unlessMissing(() => bucket.send(head, signal));
  if (answer === null) return null;
  const { ContentLength = 0, ETag = '', LastModified = new Date(), Metadata = {} } = answer;
  return { size: ContentLength, etag: ETag, modified: LastModified, metadata: Metadata };
}

/** The bytes of a short object, as long as it is still the one that has `etag`. */
export async function getObject(bucket: Bucket, key: string, etag: string): Promise<Uint8Array> {
  const { Body } = await bucket.send(new GetObjectCommand({ Bucket: bucket.name, Key: key, IfMatch: etag }));
  try {
    return (await Body?.transformToByteArray()) ?? new Uint8Array(0);
  } catch (error) {
    throw storageError(error, { action: 'GetObject', bucket: bucket.name, key });
  }
}

/** What is known of an object before it is overwritten: there is none, or it is the one with this ETag. */
export type Precondition = { readonly IfNoneMatch: '*' } | { readonly IfMatch: string };

export interface PutOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly condition?: Precondition;
}

export async function putObject(
  bucket: Bucket,
  key: string,
  body: Uint8Array,
  options: PutOptions = {},
): Promise<void> {
  const { metadata, condition = {} } = options;
  await bucket.conditionally('PutObject', condition, (condition) =>
    bucket.send(
      new PutObjectCommand({
        Bucket: bucket.name,
        Key: key,
        Body: body,
        ContentLength: body.length,
        ...(metadata && { Metadata: metadata }),
        ...bucket.settings,
        ...condition,
      }),
    ),
  );
}

export async function deleteObject(bucket: Bucket, key: string, signal?: AbortSignal): Promise<void> {
  await unlessMissing(() => bucket.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: key }), signal));
}

/** Up to {@link PAGE} keys; those without an object are no error. */
export async function deleteObjects(
  bucket: Bucket,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  if (keys.length === 0) return;
  const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
  const { Errors = [] } = await bucket.send(
    new DeleteObjectsCommand({ Bucket: bucket.name, Delete }),
    signal,
  );
  const failed = Errors.find(({ Code }) => Code !== 'NoSuchKey');
  if (failed === undefined) return;
  const { Code = 'IO_ERROR', Message = '', Key } = failed;
  const status = Code === 'AccessDenied' ? 403 : /SlowDown|InternalError/.test(Code) ? 503 : 400;
  const error = Object.assign(new Error(Message), { name: Code, $metadata: { httpStatusCode: status } });
  throw storageError(error, { action: 'DeleteObjects', bucket: bucket.name, key: Key });
}

/** The objects whose key begins with `prefix`, page by page. */
export async function* listObjects(
  bucket: Bucket,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<readonly ListedObject[]> {
  let token: string | undefined;
  do {
    const more = token === undefined ? {} : { ContinuationToken: token };
    const list = new ListObjectsV2Command({ Bucket: bucket.name, Prefix: prefix, MaxKeys: PAGE, ...more });
    const { Contents = [], NextContinuationToken } = await bucket.send(list, signal);
    yield Contents.map(({ Key = '', LastModified = new Date() }) => ({ key: Key, modified: LastModified }));
    token = NextContinuationToken;
  } while (token !== undefined);
}

export async function unlessMissing<T>(run: () => Promise<T>): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StorageError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}
