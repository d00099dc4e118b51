import type { Digest, Tag } from '@berth/protocol';
import { z } from 'zod';
import type { DetailedManifest } from '../metadata/manifests.ts';
import type { ReferrersPage } from '../metadata/referrers.ts';

const bytes = z.number().int();
const annotations = z.record(z.string(), z.string());

const descriptor = z.object({
  digest: z.string(),
  mediaType: z.string(),
  size: bytes,
  annotations: annotations.optional(),
});
const platform = z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() });
const child = descriptor.extend({
  platform: platform.optional(),
  totalSize: bytes.optional().describe('absent where the repository does not hold it'),
});

export const manifestAnswer = z.object({
  digest: z.string(),
  mediaType: z.string(),
  artifactType: z.string().optional().describe('of an image, the media type of its config'),
  size: bytes.describe('of the manifest itself'),
  totalSize: bytes.describe(
    'with config, layers and children, as far as the repository holds them, each once',
  ),
  subject: z.string().optional().describe('digest of what it refers to'),
  annotations: annotations.optional(),
  config: descriptor.optional(),
  layers: z.array(descriptor),
  manifests: z.array(child).describe('children of an index'),
  tags: z.array(z.string()),
  pushedAt: z.iso.datetime(),
  pushedBy: z.string(),
  referrers: z.array(descriptor.extend({ artifactType: z.string().optional() })),
  moreReferrers: z.literal(true).optional().describe('the registry API lists all of them'),
});

/** What was never checked when the manifest was put counts as absent where it is wrong. */
const lenient = { annotations: annotations.optional().catch(undefined) };
const stored = descriptor.extend(lenient);
const document = z.object({
  config: stored.optional(),
  layers: z.array(stored).default([]),
  manifests: z
    .array(stored.extend({ digest: z.custom<Digest>(), platform: platform.optional().catch(undefined) }))
    .default([]),
});

export type ManifestDocument = z.infer<typeof document>;

/** Of a manifest that is stored, and was parsed when it was put. */
export function documentOf(payload: Uint8Array): ManifestDocument {
  return document.parse(JSON.parse(new TextDecoder().decode(payload)));
}

export interface ManifestParts {
  readonly manifest: DetailedManifest;
  readonly document: ManifestDocument;
  readonly tags: readonly Tag[];
  /** Of the manifest and of its children that are here. */
  readonly sizes: ReadonlyMap<Digest, number>;
  readonly referrers: ReferrersPage;
}

export function manifestBody({ manifest, document, tags, sizes, referrers }: ManifestParts) {
  const { digest, mediaType, artifactType, payload, subject, createdAt, createdBy } = manifest;
  return {
    digest,
    mediaType,
    artifactType,
    size: payload.length,
    totalSize: sizes.get(digest) ?? payload.length,
    subject,
    annotations: manifest.annotations,
    config: document.config,
    layers: document.layers,
    manifests: document.manifests.map((child) => ({ ...child, totalSize: sizes.get(child.digest) })),
    tags: tags.toSorted(),
    pushedAt: new Date(createdAt).toISOString(),
    pushedBy: createdBy,
    referrers: referrers.items,
    ...(referrers.more && { moreReferrers: true }),
  };
}
