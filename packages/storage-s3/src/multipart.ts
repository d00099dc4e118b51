import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type ListMultipartUploadsCommandOutput,
  type ListPartsCommandOutput,
} from '@aws-sdk/client-s3';

import type { Bucket } from './bucket.ts';
import { copyUnchanged, type CopySource } from './copy-source.ts';
import { unlessMissing } from './objects.ts';

/** An upload that was begun and neither completed nor aborted. */
export interface OpenUpload {
  readonly key: string;
  readonly id: string;
  readonly initiated: Date;
}

export interface Part {
  /** From 1. */
  readonly number: number;
  readonly etag: string;
  /** In bytes. */
  readonly size: number;
  readonly modified: Date;
}

export type UploadReference = Pick<OpenUpload, 'key' | 'id'>;

export async function createUpload(
  bucket: Bucket,
  key: string,
  signal?: AbortSignal,
): Promise<UploadReference> {
  const create = new CreateMultipartUploadCommand({ Bucket: bucket.name, Key: key, ...bucket.settings });
  const { UploadId } = await bucket.send(create, signal);
  return { key, id: UploadId ?? '' };
}

export async function uploadPart(
  bucket: Bucket,
  upload: UploadReference,
  number: number,
  body: Uint8Array,
): Promise<Part> {
  const command = new UploadPartCommand({
    ...reference(bucket, upload),
    PartNumber: number,
    Body: body,
    ContentLength: body.length,
  });
  const { ETag } = await bucket.send(command);
  return { number, etag: ETag ?? '', size: body.length, modified: new Date() };
}

/** The bytes of `source` from `start` to before `end`. */
export interface CopiedRange {
  readonly source: CopySource;
  readonly start: number;
  readonly end: number;
}

export async function copyPart(
  bucket: Bucket,
  upload: UploadReference,
  number: number,
  from: CopiedRange,
  signal?: AbortSignal,
): Promise<Part> {
  const { CopyPartResult } = await copyUnchanged(bucket, from.source, signal, (source) => {
    const range = { PartNumber: number, CopySourceRange: `bytes=${from.start}-${from.end - 1}` };
    return bucket.send(
      new UploadPartCopyCommand({ ...reference(bucket, upload), ...range, ...source }),
      signal,
    );
  });
  return { number, etag: CopyPartResult?.ETag ?? '', size: from.end - from.start, modified: new Date() };
}

/** With `ifNew` the object must not exist yet: another writer may have completed an upload of his own. */
export async function completeUpload(
  bucket: Bucket,
  upload: UploadReference,
  parts: readonly Part[],
  { ifNew, signal }: { readonly ifNew: boolean; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
  const complete = (condition: object) => {
    const input = { ...reference(bucket, upload), MultipartUpload: { Parts }, ...condition };
    return bucket.send(new CompleteMultipartUploadCommand(input), signal);
  };
  await bucket.conditionally('CompleteMultipartUpload', ifNew ? { IfNoneMatch: '*' } : {}, complete);
}

export async function abortUpload(
  bucket: Bucket,
  upload: UploadReference,
  signal?: AbortSignal,
): Promise<void> {
  await unlessMissing(() => bucket.send(new AbortMultipartUploadCommand(reference(bucket, upload)), signal));
}

/** The open uploads whose key begins with `prefix`. MinIO finds only those whose key it is. */
export async function* listUploads(
  bucket: Bucket,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<OpenUpload> {
  let page: ListMultipartUploadsCommandOutput | undefined;
  do {
    page = await bucket.send(uploadsAfter(bucket, prefix, page), signal);
    for (const { Key = '', UploadId = '', Initiated = new Date() } of page.Uploads ?? []) {
      yield { key: Key, id: UploadId, initiated: Initiated };
    }
  } while (page.IsTruncated);
}

/** All parts, by number. An upload that has ended meanwhile has none. */
export async function listParts(
  bucket: Bucket,
  upload: UploadReference,
  signal?: AbortSignal,
): Promise<Part[]> {
  const parts: Part[] = [];
  let page: ListPartsCommandOutput | null | undefined;
  do {
    const list = partsAfter(bucket, upload, page);
    page = await unlessMissing(() => bucket.send(list, signal));
    for (const { PartNumber = 0, ETag = '', Size = 0, LastModified = new Date() } of page?.Parts ?? []) {
      parts.push({ number: PartNumber, etag: ETag, size: Size, modified: LastModified });
    }
  } while (page?.IsTruncated);
  return parts;
}

function uploadsAfter(bucket: Bucket, prefix: string, page?: ListMultipartUploadsCommandOutput) {
  return new ListMultipartUploadsCommand({
    Bucket: bucket.name,
    Prefix: prefix,
    ...(page?.NextKeyMarker !== undefined && { KeyMarker: page.NextKeyMarker }),
    ...(page?.NextUploadIdMarker !== undefined && { UploadIdMarker: page.NextUploadIdMarker }),
  });
}

function partsAfter(bucket: Bucket, upload: UploadReference, page?: ListPartsCommandOutput | null) {
  const marker = page?.NextPartNumberMarker;
  return new ListPartsCommand({
    ...reference(bucket, upload),
    ...(marker !== undefined && { PartNumberMarker: marker }),
  });
}

function reference(bucket: Bucket, { key, id }: UploadReference) {
  return { Bucket: bucket.name, Key: key, UploadId: id };
}
