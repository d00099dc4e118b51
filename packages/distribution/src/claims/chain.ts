import { X509Certificate } from 'node:crypto';
import type { TrustedKey } from './trusted-keys.ts';

/** Nobody has a longer chain; each certificate costs a signature. */
const longestChain = 8;

/**
 * The key of the first certificate of an `x5c` header that leads to the bundle; `undefined` where it does not. Each
 * certificate is certified by the next one (RFC 7515, section 4.1.6) or by the bundle, and is valid now; whoever
 * certifies is a CA. Any extended key usage is good, as in the original; a limit on the length of paths is not looked
 * at, since Node does not show it.
 */
export function keyOfChain(
  x5c: unknown,
  bundle: readonly X509Certificate[],
  now = Date.now(),
): TrustedKey | undefined {
  const chain = readChain(x5c);
  const path = chain && pathToBundle(chain, bundle);
  if (path === undefined || !path.every((certificate) => isValid(certificate, now))) return undefined;
  return { key: path[0]!.publicKey, until: Math.min(...path.map((each) => each.validToDate.getTime())) };
}

/** Base 64 of DER each, not base 64 URL. */
function readChain(x5c: unknown): X509Certificate[] | undefined {
  if (!Array.isArray(x5c) || x5c.length === 0 || x5c.length > longestChain) return undefined;
  if (!x5c.every((text) => typeof text === 'string')) return undefined;
  return x5c.map((text) => new X509Certificate(Buffer.from(text, 'base64')));
}

/** From the first certificate to one of the bundle; `undefined` where it ends before. */
function pathToBundle(
  chain: readonly X509Certificate[],
  bundle: readonly X509Certificate[],
): readonly X509Certificate[] | undefined {
  for (const [at, certificate] of chain.entries()) {
    const path = chain.slice(0, at + 1);
    if (bundle.some((each) => each.raw.equals(certificate.raw))) return path;
    const root = bundle.find((each) => certifies(each, certificate));
    if (root !== undefined) return [...path, root];
    const next = chain[at + 1];
    if (next === undefined || !certifies(next, certificate)) return undefined;
  }
  return undefined;
}

function certifies(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isValid({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}
