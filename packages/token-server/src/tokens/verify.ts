import { keyAlgorithms, type TokenClaims } from '@berth/protocol';
import { jwtVerify, type JWTHeaderParameters } from 'jose';
import { LRUCache } from 'lru-cache';
import { hash } from 'node:crypto';
import type { Versions } from '../versions.ts';
import type { Keys } from './keys.ts';

/** How far clocks may be apart, in seconds: that of distribution/distribution `registry/auth/token/token.go`. */
export const leeway = 60;

/** What is remembered at most, in bytes: some 14,000 tokens for one repository, and fewer with longer claims. */
const mostBytes = 32 * 1024 * 1024;

/** The claims as objects, and what is beside them. */
const sizeOf = ({ size }: Signed): number => 1000 + 2 * size;

/** A longer one is none of ours: Node takes headers of 16 KiB. */
const longestToken = 16_384;

export interface VerifierOptions {
  readonly keys: Keys;
  readonly issuer: string;
  /** The audience: this registry, and none of the others that trust the same keys. */
  readonly service: string;
  /** The largest life of a token, in seconds. */
  readonly longestLife: number;
}

/** A token that is good here and now. */
export interface Verified {
  readonly claims: TokenClaims;
  /** When it ends, or its key does if that is earlier, in milliseconds since 1970. */
  readonly until: number;
}

/** `undefined` for a token that is not good. Rejects where that could not be found out. */
export type VerifyToken = (token: string, at: Versions) => Promise<Verified | undefined>;

interface Signed {
  /** Of the token, in characters. */
  readonly size: number;
  readonly claims: TokenClaims;
  readonly kid: string;
}

/** A signature is verified once (290 µs); then the token is known by its SHA-256, and its key and time are looked at. */
export function tokenVerifier(options: VerifierOptions): VerifyToken {
  const remembered = new LRUCache<string, Signed>({ maxSize: mostBytes, sizeCalculation: sizeOf });
  return async (token, at) => {
    if (token.length > longestToken) return undefined;
    const digest = hash('sha256', token, 'base64');
    const signed = remembered.get(digest) ?? (await verifySignature(options, token, at));
    if (signed === undefined) return undefined;
    remembered.set(digest, signed);
    return goodNow(options.keys, signed, at);
  };
}

async function goodNow(keys: Keys, { claims, kid }: Signed, at: Versions): Promise<Verified | undefined> {
  const key = await keys.find(kid, at);
  if (key === undefined) return undefined;
  const until = Math.min((claims.exp + leeway) * 1000, key.endsAt ?? Infinity);
  return Date.now() < until ? { claims, until } : undefined;
}

async function verifySignature(
  options: VerifierOptions,
  token: string,
  at: Versions,
): Promise<Signed | undefined> {
  const { keys, issuer, service, longestLife } = options;
  let lookUpFailed: unknown;
  const keyOf = async ({ kid, alg }: JWTHeaderParameters) => {
    const key = await findKey(keys, kid, at).catch((error: unknown) => void (lookUpFailed = error));
    if (!key || key.algorithm !== alg) throw new TypeError('no such key');
    return key.publicKey;
  };
  try {
    const { payload, protectedHeader } = await jwtVerify<TokenClaims>(token, keyOf, {
      algorithms: [...keyAlgorithms],
      issuer,
      audience: service,
      typ: 'JWT',
      requiredClaims: ['sub', 'exp', 'nbf', 'iat', 'jti', 'access', 'berth'],
      clockTolerance: leeway,
      maxTokenAge: longestLife,
    });
    if (payload.exp - payload.iat > longestLife) return undefined;
    return { claims: payload, kid: String(protectedHeader.kid), size: token.length };
  } catch {
    if (lookUpFailed !== undefined) throw lookUpFailed;
    return undefined;
  }
}

async function findKey(keys: Keys, kid: unknown, at: Versions) {
  return typeof kid === 'string' ? keys.find(kid, at) : undefined;
}
