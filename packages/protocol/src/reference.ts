import { parseDigest, type Digest } from './digest.ts';
import { parseTag, type Tag } from './names.ts';

/** What names a manifest within its repository: OCI distribution specification 1.1, "Pulling manifests". */
export type Reference =
  | { readonly kind: 'tag'; readonly tag: Tag }
  | { readonly kind: 'digest'; readonly digest: Digest };

/** A tag holds no colon and a digest always does. Throws `TAG_INVALID` or `DIGEST_INVALID`. */
export function parseReference(text: string): Reference {
  return text.includes(':')
    ? { kind: 'digest', digest: parseDigest(text) }
    : { kind: 'tag', tag: parseTag(text) };
}
