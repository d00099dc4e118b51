import type { webcrypto } from 'node:crypto';
import type { KeyAlgorithm } from '@berth/protocol';
import { generateKeyPair, type JWK } from 'jose';

/** RFC 7518, section 3.3: no fewer. With 3,072 a token is longer, and to sign it takes 3 ms and not 1.2. */
const rsaBits = 2048;

/** Parts of a public key (RFC 7518, sections 6.2.1 and 6.3.1); every other part of a JWK may be a secret. */
const publicParts = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const;

const certificateAlgorithms = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
};

export function makeKeyPair(algorithm: KeyAlgorithm): Promise<webcrypto.CryptoKeyPair> {
  return generateKeyPair(algorithm, { extractable: true, modulusLength: rsaBits });
}

/** How the certificate of such a key is signed, for WebCrypto. */
export function certificateAlgorithm(algorithm: KeyAlgorithm): { name: string; hash: string } {
  return certificateAlgorithms[algorithm];
}

export function publicPartOf(jwk: JWK): JWK {
  const parts = publicParts.filter((part) => jwk[part] !== undefined);
  return Object.fromEntries(parts.map((part) => [part, jwk[part]])) as JWK;
}
