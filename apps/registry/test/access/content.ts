import { imageManifest, imageType, indexType, sha256 } from '../support/registry.ts';

export interface Content {
  readonly body: string;
  readonly type: string;
  readonly digest: string;
}

/** In every repository that is filled. */
export const layer = 'a layer';
export const blobs: readonly string[] = ['{}', layer];

const image = content(imageManifest('{}', [layer]), imageType);
const empty = indexOf('empty', {});
const other = indexOf('other', {});
const subject = { mediaType: imageType, digest: image.digest, size: image.body.length };

/** `signature` has the image as its subject, and `multi` the empty index as its child. */
export const manifests: Readonly<Record<string, Content>> = {
  image,
  empty,
  other,
  signature: indexOf('signature', { subject }),
  multi: indexOf('multi', {
    manifests: [{ mediaType: indexType, digest: empty.digest, size: empty.body.length }],
  }),
};

/** Those that need nothing beside them, so that every repository takes them. */
export const free: readonly string[] = ['empty', 'other', 'signature'];

/** What a filled repository has; `other` without a tag. */
export const tagged: Readonly<Record<string, string>> = {
  v1: 'image',
  latest: 'image',
  v2: 'empty',
  multi: 'multi',
};
export const untagged: readonly string[] = ['other'];

export function manifest(name: string): Content {
  const found = manifests[name];
  if (found === undefined) throw new Error(`no manifest is called ${name}`);
  return found;
}

function content(body: string, type: string): Content {
  return { body, type, digest: sha256(body) };
}

function indexOf(note: string, more: object): Content {
  const index = { schemaVersion: 2, mediaType: indexType, manifests: [], annotations: { note }, ...more };
  return content(JSON.stringify(index), indexType);
}
