import { LRUCache } from 'lru-cache';
import type { Principal } from '../policy/principal.ts';
import type { Verified } from '../tokens/verify.ts';
import type { Versions } from '../versions.ts';

/** Who sent a good token. */
export interface Bearer extends Verified {
  readonly principal: Principal;
}

interface Known extends Bearer {
  readonly at: Versions;
}

/** What is remembered at most, in bytes: that of some 10,000 tokens. */
const mostBytes = 16 * 1024 * 1024;

/** What is remembered beside each header, in bytes. */
const besideHeader = 1000;

/**
 * Bearers by the whole `Authorization` header, for as long as neither the policy nor the keys change and the token, its
 * key and its credential are good: a request that follows another needs no hash, no parsing and no waiting.
 */
export class KnownBearers {
  readonly #known = new LRUCache<string, Known>({
    maxSize: mostBytes,
    sizeCalculation: (_, header) => header.length + besideHeader,
  });

  get(header: string, at: Versions): Bearer | undefined {
    const known = this.#known.get(header);
    return known !== undefined && isGood(known, at) ? known : undefined;
  }

  set(header: string, at: Versions, bearer: Bearer): void {
    this.#known.set(header, { ...bearer, at });
  }
}

function isGood({ at: known, until, principal: { credentialExpiresAt } }: Known, at: Versions): boolean {
  const now = Date.now();
  const isCurrent = known.policy === at.policy && known.keys === at.keys;
  return isCurrent && now < until && (credentialExpiresAt === null || now < credentialExpiresAt);
}
