import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import {
  allowed,
  digestOf,
  parseReference,
  parseRepositoryName,
  parseTag,
  type Digest,
  type DigestAlgorithm,
  type ReadableNames,
  type RepositoryName,
  type Tag,
} from '@berth/protocol';
import { parseManifest, type Manifest } from '../manifest.ts';
import type { BlobStore } from '../stores/blobs.ts';
import type { PutManifest } from '../stores/manifests.ts';
import type { RightsToTag } from '../stores/tag-rules.ts';
import type { Body } from '../stores/body.ts';
import type { UploadStore } from '../stores/uploads.ts';

export const repositoryName = (text: string): RepositoryName => parseRepositoryName(text);
export const tagName = (text: string): Tag => parseTag(text);

export function digestOfBytes(bytes: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return digestOf(algorithm, createHash(algorithm).update(bytes).digest('hex'));
}

export function bodyOf(...chunks: readonly (string | Uint8Array)[]): Body {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
}

/** A body that the test writes while the store reads it. */
export function slowBody(): PassThrough {
  return new PassThrough();
}

export interface Image {
  readonly digest: Digest;
  readonly payload: Buffer;
  readonly manifest: Manifest;
}

const imageType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

export function descriptorOf(digest: Digest, mediaType = 'application/vnd.oci.image.layer.v1.tar') {
  return { mediaType, digest, size: 1 };
}

/** An image manifest; `more` goes into its document. */
export function imageOf(config: Digest, layers: readonly Digest[] = [], more: object = {}): Image {
  return manifestOf({
    schemaVersion: 2,
    mediaType: imageType,
    config: descriptorOf(config, 'application/vnd.oci.image.config.v1+json'),
    layers: layers.map((layer) => descriptorOf(layer)),
    ...more,
  });
}

export function indexOf(children: readonly Digest[], more: object = {}): Image {
  const manifests = children.map((child) => descriptorOf(child, imageType));
  return manifestOf({ schemaVersion: 2, mediaType: indexType, manifests, ...more });
}

function manifestOf(document: { readonly mediaType: string; readonly [member: string]: unknown }): Image {
  const payload = Buffer.from(JSON.stringify(document));
  return { digest: digestOfBytes(payload), payload, manifest: parseManifest(payload, document.mediaType) };
}

/** Every right to every tag, or what `rights` says instead. */
export function rightsTo(rights: Partial<ReturnType<RightsToTag>> = {}): RightsToTag {
  return () => ({ put: allowed, overwrite: allowed, delete: allowed, ...rights });
}

/** To put `image` by its digest, or by a tag; `more` replaces what a client with every right would do. */
export function putOf(
  repository: RepositoryName,
  { digest, payload, manifest }: Image,
  tag?: string,
  more: Partial<PutManifest> = {},
): PutManifest {
  return {
    repository,
    reference: parseReference(tag ?? digest),
    tags: [],
    payload,
    manifest,
    rights: rightsTo(),
    expect: () => {},
    author: 'somebody',
    ...more,
  };
}

export const everything: ReadableNames = { allow: [{ kind: 'all' }], deny: [], visibilities: [] };
export const nothing: ReadableNames = { allow: [], deny: [], visibilities: [] };

/** Uploads `content` as a blob of `repository`. */
export async function pushBlob(
  uploads: UploadStore,
  repository: RepositoryName,
  content: string | Uint8Array,
): Promise<Digest> {
  const digest = digestOfBytes(content);
  await uploads.finish(await uploads.start(repository, null), digest, bodyOf(content));
  return digest;
}

/** The whole blob as text. Throws `BLOB_UNKNOWN`. */
export async function readBlob(
  blobs: BlobStore,
  repository: RepositoryName,
  digest: Digest,
): Promise<string> {
  const copies: Buffer[] = [];
  for await (const chunk of blobs.read(await blobs.get(repository, digest), {}))
    copies.push(Buffer.from(chunk));
  return Buffer.concat(copies).toString();
}
