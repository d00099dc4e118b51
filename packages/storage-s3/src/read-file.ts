import { IncomingMessage } from 'node:http';
import { addAbortSignal, Readable } from 'node:stream';

import { GetObjectCommand } from '@aws-sdk/client-s3';
import { rangeWithin, StorageError, type ByteRange, type ReadOptions } from '@berth/storage';

import { chunksOfBody } from './body/wide-body.ts';
import type { Bucket } from './bucket.ts';
import { storageError } from './errors.ts';
import { finishFile } from './finish-file.ts';
import { headObject } from './objects.ts';
import type { Destination } from './writer/s3-writer.ts';

/** How often a body that breaks off is asked for again without a byte in between. */
const MOST_BREAKS = 3;

/** The bytes of the object. One that is unfinished becomes an object first. */
export async function* readFile(from: Destination, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
  const { bucket, path } = from;
  const opened =
    (await openRange(bucket, path, options)) ??
    ((await finishFile(from, options.signal)) ? await openRange(bucket, path, options) : null);
  if (!opened) throw new StorageError('NOT_FOUND', `no file at "${path}"`);
  yield* chunksOf(from, opened, options.signal);
}

/** A part of an object, on its way. */
interface OpenRange {
  readonly body: Readable;
  readonly etag: string;
  readonly start: number;
  /** `Infinity` where the server does not tell. */
  readonly end: number;
}

/** `null` where there is no object. A range without bytes is none that S3 has: it is asked for the size only. */
async function openRange(bucket: Bucket, path: string, options: ReadOptions): Promise<OpenRange | null> {
  const { start = 0, end } = options;
  if (start === end) return openNothing(bucket, path, options);
  try {
    return await get(bucket, path, options);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    if (error.code === 'INVALID_RANGE') return openNothing(bucket, path, options);
    if (error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

async function openNothing(bucket: Bucket, path: string, options: ReadOptions): Promise<OpenRange | null> {
  const object = await headObject(bucket, bucket.keys.file(path), options.signal);
  if (!object) return null;
  const { start } = rangeWithin(object.size, options);
  return { body: Readable.from([]), etag: object.etag, start, end: start };
}

async function get(
  bucket: Bucket,
  path: string,
  { start = 0, end, signal }: ReadOptions,
  etag?: string,
): Promise<OpenRange> {
  const isWhole = start === 0 && end === undefined;
  const command = new GetObjectCommand({
    Bucket: bucket.name,
    Key: bucket.keys.file(path),
    ...(!isWhole && { Range: `bytes=${start}-${end === undefined ? '' : end - 1}` }),
    ...(etag && { IfMatch: etag }),
  });
  const { Body, ContentLength = Infinity, ContentRange, ETag = '' } = await bucket.send(command, signal);
  const body = Body instanceof Readable ? Body : Readable.from([]);
  const sent = isWhole ? { start, end: ContentLength } : sentRange(ContentRange);
  if (sent?.start !== start) {
    body.destroy();
    throw new StorageError(
      'IO_ERROR',
      `the server was asked for the range from ${start} and sent another one`,
    );
  }
  return { body: signal ? addAbortSignal(signal, body) : body, etag: ETag, ...sent };
}

/** Of `bytes 10-19/100` from 10 to 20. A server that does not know ranges sends the whole object and no such header. */
function sentRange(contentRange = ''): ByteRange | undefined {
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(contentRange) ?? [];
  return last === undefined ? undefined : { start: Number(first), end: Number(last) + 1 };
}

/**
 * Asks for the rest where a body breaks off, and where the server closes a connection that is idle because the reader is
 * slow. An `end` of `Infinity` is where the body ends: the server did not tell its length.
 */
async function* chunksOf(
  { bucket, path }: Destination,
  { body, etag, start, end }: OpenRange,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const limit = end === Infinity ? {} : { end };
  const again = (start: number) => get(bucket, path, { start, ...limit, ...(signal && { signal }) }, etag);
  let [position, rest] = [start, body];
  for (let breaks = 0; position < end || breaks === 0; breaks += 1) {
    if (breaks > 0) ({ body: rest } = await again(position));
    try {
      for await (const chunk of bytesOf(rest)) {
        position += chunk.length;
        breaks = 0;
        yield chunk;
      }
      if (end === Infinity) return;
      if (position < end) throw new Error('the body is too short');
    } catch (error) {
      signal?.throwIfAborted();
      if (breaks >= MOST_BREAKS) throw broken(error, bucket, path);
    } finally {
      rest.destroy();
    }
  }
}

function bytesOf(body: Readable): AsyncIterable<Uint8Array> {
  return body instanceof IncomingMessage ? chunksOfBody(body) : body;
}

function broken(error: unknown, bucket: Bucket, path: string): StorageError {
  return storageError(error, { action: 'GetObject', bucket: bucket.name, key: bucket.keys.file(path) });
}
