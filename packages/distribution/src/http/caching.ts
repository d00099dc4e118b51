import type { Reference, RepositoryFacts } from '@berth/protocol';

/**
 * What a digest names never changes; a tag has to be asked for again. What only some may see must not be kept by a
 * cache that others share.
 */
export function cacheControl({ visibility }: RepositoryFacts, kind: Reference['kind']): string {
  const scope = visibility === 'public' ? 'public' : 'private';
  return kind === 'digest' ? `${scope}, max-age=31536000, immutable` : `${scope}, no-cache`;
}
