import { OciError } from './errors.ts';

declare const brand: unique symbol;

/** A checked digest, `<algorithm>:<lower-case hex>`: OCI image specification 1.1, "Digests". */
export type Digest = string & { readonly [brand]: 'Digest' };

/** The registered algorithms of the image specification that Berth computes; the names are those of `node:crypto`. */
export type DigestAlgorithm = 'sha256' | 'sha512';

const hexLength: Record<DigestAlgorithm, number> = { sha256: 64, sha512: 128 };
const digestExpression = /^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

export function isDigestAlgorithm(text: string): text is DigestAlgorithm {
  return Object.hasOwn(hexLength, text);
}

export function isDigest(text: string): text is Digest {
  return digestExpression.test(text);
}

/** Throws `DIGEST_INVALID`. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new OciError('DIGEST_INVALID', {
    message: `invalid digest: ${JSON.stringify(text.slice(0, 150))} is not sha256:<64 hex digits> or sha512:<128 hex digits>`,
  });
}

/** `hex` is what `hash.digest('hex')` gave. */
export function digestOf(algorithm: DigestAlgorithm, hex: string): Digest {
  if (hex.length !== hexLength[algorithm]) throw new TypeError(`not a ${algorithm} in hex: ${hex}`);
  return `${algorithm}:${hex}` as Digest;
}

export function digestParts(digest: Digest): { readonly algorithm: DigestAlgorithm; readonly hex: string } {
  const colon = digest.indexOf(':');
  return { algorithm: digest.slice(0, colon) as DigestAlgorithm, hex: digest.slice(colon + 1) };
}
