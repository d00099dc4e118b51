import type { KeyObject, X509Certificate } from 'node:crypto';
import type { JWTHeaderParameters } from 'jose';
import { parseBundle } from './bundle.ts';
import { keyOfChain } from './chain.ts';
import { parseJwks, type PublishedKey } from './jwks.ts';
import { keyIds } from './key-ids.ts';

export interface TrustedKey {
  readonly key: KeyObject;
  /** When its certificates end, in milliseconds since 1970; `Infinity` for a key that stands by itself. */
  readonly until: number;
}

/** What the operator trusts, as the texts of files. */
export interface KeySources {
  /** Certificates in PEM: of authorities, or of the signing keys themselves. */
  readonly rootCertBundle?: string | undefined;
  /** RFC 7517. */
  readonly jwks?: string | undefined;
}

/** The key that the header of a token names; `undefined` where it is none that is trusted. */
export type FindKey = (header: JWTHeaderParameters) => TrustedKey | undefined;

/**
 * Keys come from the configuration only. A header that brings a key along (`jwk`), or says where to fetch one (`jku`,
 * `x5u`), is refused; certificates that it brings must lead to the bundle. Throws `TypeError` for a source that cannot
 * be read.
 */
export async function trustedKeys({ rootCertBundle, jwks }: KeySources): Promise<FindKey> {
  const bundle = rootCertBundle === undefined ? [] : parseBundle(rootCertBundle);
  const published = jwks === undefined ? [] : await parseJwks(jwks);
  const byId = indexById([...published, ...(await keysOf(bundle))]);
  return (header) => {
    if (header.jwk !== undefined || 'jku' in header || 'x5u' in header) return undefined;
    if (header.x5c !== undefined) return keyOfChain(header.x5c, bundle);
    const found = typeof header.kid === 'string' ? byId.get(header.kid) : undefined;
    if (found === undefined || (found.algorithm ?? header.alg) !== header.alg) return undefined;
    return { key: found.key, until: Infinity };
  };
}

/** A key of the bundle that is named by its id is good by itself, also after its certificate has ended, as in the original. */
function keysOf(bundle: readonly X509Certificate[]): Promise<PublishedKey[]> {
  return Promise.all(bundle.map(async ({ publicKey }) => ({ key: publicKey, ids: await keyIds(publicKey) })));
}

/** Where two keys have one id, the first is it. */
function indexById(keys: readonly PublishedKey[]): Map<string, PublishedKey> {
  const pairs = keys.flatMap((key) => key.ids.map((id) => [id, key] as const));
  return new Map(pairs.toReversed());
}
