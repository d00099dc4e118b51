import { isDigest, OciError, type Digest } from '@berth/protocol';
import { z } from 'zod';

/**
 * Layers or children of one manifest. Docker stops at 127 layers; each is looked up in the transaction that stores the
 * manifest, and 4 MiB hold 36,000.
 */
const mostDescriptors = 10_000;

/** Brackets within brackets. Manifests need five; millions of them stop the process for seconds. */
const deepest = 1000;

/** In characters: an error names what is wrong in a manifest, and a name in it may have 4 MiB. */
const longestMessage = 300;

/** What Berth needs to know of a manifest or index; its bytes are kept as they are. */
export interface Manifest {
  readonly mediaType: string;
  /** Config and layers that the repository must hold. */
  readonly blobs: readonly Digest[];
  /** Layers that clients fetch from elsewhere (`urls`): they may be missing here, and stay where they were pushed. */
  readonly foreignBlobs: readonly Digest[];
  /** Children of an index. */
  readonly manifests: readonly Child[];
  readonly subject: Digest | undefined;
  /** OCI distribution specification 1.1, "Listing Referrers": `artifactType`, else the media type of the config. */
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

export interface Child {
  readonly digest: Digest;
  readonly platform: Platform | undefined;
}

/** OCI image specification 1.1, "Image Index". */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

const imageTypes = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]);
const indexTypes = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

const schema1 = 'application/vnd.docker.distribution.manifest.v1';

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'is not a digest');

/** OCI image specification 1.1, "Content Descriptors". */
const descriptor = z.looseObject({
  mediaType: z.string(),
  digest,
  size: z.int().nonnegative(),
  urls: z.array(z.string()).optional(),
});

const common = {
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  subject: descriptor.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
};
const image = z.looseObject({
  ...common,
  config: descriptor,
  layers: z.array(descriptor).max(mostDescriptors),
});
const platform = z.looseObject({ os: z.string(), architecture: z.string() });
const child = descriptor.extend({ platform: platform.optional() });
const index = z.looseObject({ ...common, manifests: z.array(child).max(mostDescriptors) });

/** Throws `MANIFEST_INVALID` with what is wrong; `contentType` is that of the request. */
export function parseManifest(payload: Uint8Array, contentType: string | undefined): Manifest {
  const document = parseJson(payload);
  refuseBoth(document);
  return fromDocument(mediaTypeOf(document, contentType), document);
}

/**
 * One that another registry has stored: the `Content-Type` it came with is not known any more. Without `mediaType`, as
 * OCI allows, it is an index where it has `manifests`: that is how `registry:2` serves it.
 */
export function parseStoredManifest(payload: Uint8Array): Manifest {
  const document = parseJson(payload);
  refuseBoth(document);
  if (document['schemaVersion'] === 1) throw invalid(unsupportedType(schema1));
  const fallback = `application/vnd.oci.image.${'manifests' in document ? 'index' : 'manifest'}.v1+json`;
  return fromDocument(document['mediaType'] ? mediaTypeOf(document, undefined) : fallback, document);
}

function fromDocument(mediaType: string, document: Record<string, unknown>): Manifest {
  if (imageTypes.has(mediaType)) return fromImage(mediaType, check(image, document));
  if (indexTypes.has(mediaType)) return fromIndex(mediaType, check(index, document));
  throw invalid(unsupportedType(mediaType));
}

function parseJson(payload: Uint8Array): Record<string, unknown> {
  let value: unknown;
  refuseDeep(payload);
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (error) {
    throw invalid('the manifest is not JSON', error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('the manifest is no JSON object');
  return value as Record<string, unknown>;
}

/** Before the JSON is parsed. A bracket in a text counts for nothing: a closing one would hide an opening one. */
function refuseDeep(payload: Uint8Array): void {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < payload.length; at += 1) {
    const byte = payload[at];
    if (byte === 0x22) inText = !inText;
    else if (inText) at += byte === 0x5c ? 1 : 0;
    else if (byte === 0x5b || byte === 0x7b) depth += 1;
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    if (depth > deepest) throw invalid('the manifest is nested too deeply');
  }
}

/** CVE-2021-41190: a document that is an image to one client and an index to another. */
function refuseBoth(document: Record<string, unknown>): void {
  if ('manifests' in document && ('layers' in document || 'config' in document)) {
    throw invalid('the manifest has both "layers" or "config" and "manifests"');
  }
}

function mediaTypeOf(document: Record<string, unknown>, contentType: string | undefined): string {
  const declared = contentType?.split(';', 1)[0]?.trim().toLowerCase() || undefined;
  const named = document['mediaType'];
  if (named !== undefined && typeof named !== 'string') throw invalid('"mediaType" is no text');
  if (declared !== undefined && named !== undefined && declared !== named) {
    throw invalid(`Content-Type is ${declared}, but "mediaType" is ${named}`);
  }
  const mediaType = declared ?? named;
  if (mediaType === undefined) throw invalid('the request has no Content-Type');
  return mediaType;
}

function unsupportedType(mediaType: string): string {
  if (mediaType.startsWith(schema1)) {
    return 'Docker schema 1 manifests are not supported: push with Docker 1.10 or newer, or convert with skopeo copy --format v2s2';
  }
  return `manifests of type ${mediaType} are not supported`;
}

function check<T>(schema: z.ZodType<T>, document: unknown): T {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalid(`${issue?.path.join('.') || 'manifest'}: ${issue?.message}`);
}

function fromImage(mediaType: string, document: z.infer<typeof image>): Manifest {
  const { config, layers } = document;
  const named = [config, ...layers];
  const blobs = new Set(named.filter(({ urls = [] }) => urls.length === 0).map(({ digest }) => digest));
  const all = new Set(named.map(({ digest }) => digest));
  return {
    ...commonParts(mediaType, document),
    artifactType: document.artifactType || config.mediaType,
    blobs: [...blobs],
    foreignBlobs: [...all.difference(blobs)],
    manifests: [],
  };
}

function fromIndex(mediaType: string, document: z.infer<typeof index>): Manifest {
  return {
    ...commonParts(mediaType, document),
    artifactType: document.artifactType,
    blobs: [],
    foreignBlobs: [],
    manifests: document.manifests.map(({ digest, platform }) => ({ digest, platform })),
  };
}

function commonParts(mediaType: string, document: z.infer<typeof image> | z.infer<typeof index>) {
  return { mediaType, subject: document.subject?.digest, annotations: document.annotations };
}

function invalid(reason: string, cause?: unknown): OciError {
  const message = `manifest invalid: ${reason}`.slice(0, longestMessage);
  return new OciError('MANIFEST_INVALID', { message, cause });
}
