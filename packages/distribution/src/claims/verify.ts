import { hash } from 'node:crypto';
import type { Scope, SigningAlgorithm } from '@berth/protocol';
import { jwtVerify, type JWTHeaderParameters } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { FindKey } from './trusted-keys.ts';

/** How far clocks may be apart, in seconds: that of distribution/distribution `registry/auth/token/token.go`. */
const leeway = 60;

/** What is remembered at most, in bytes: some 14,000 tokens for one repository, and fewer with longer claims. */
const mostBytes = 32 * 1024 * 1024;

/** The claims as objects, and what is beside them. */
const sizeOf = ({ size }: Verified): number => 1000 + 2 * size;

/** Node takes headers of 16 KiB. */
const longestToken = 16_384;

export interface VerifierOptions {
  readonly findKey: FindKey;
  readonly issuer: string;
  /** The audience. */
  readonly service: string;
  readonly algorithms: readonly SigningAlgorithm[];
}

/** What a token of somebody else's token server says. */
export interface ForeignClaims {
  /** Name of the account; empty for anonymous. */
  readonly subject: string;
  readonly access: readonly Scope[];
}

/** `undefined` for a token that is not good here and now. */
export type VerifyForeignToken = (token: string) => Promise<ForeignClaims | undefined>;

interface Verified {
  /** Of the token, in characters. */
  readonly size: number;
  readonly claims: ForeignClaims;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** distribution/distribution `docs/content/spec/auth/jwt.md`; Go reads null as absent. */
const claimsSchema = z.object({
  sub: z.string().nullish(),
  access: z
    .array(z.object({ type: z.string(), name: z.string(), actions: z.array(z.string()).nullish() }))
    .nullish(),
});

/** A signature is verified once; then the token is known by its SHA-256 until it ends. */
export function foreignTokenVerifier(options: VerifierOptions): VerifyForeignToken {
  const remembered = new LRUCache<string, Verified>({ maxSize: mostBytes, sizeCalculation: sizeOf });
  return async (token) => {
    if (token.length > longestToken) return undefined;
    const digest = hash('sha256', token, 'base64');
    const known = remembered.get(digest);
    if (known !== undefined) return known.until > Date.now() ? known.claims : undefined;
    const verified = await verify(options, token);
    if (verified !== undefined) remembered.set(digest, verified);
    return verified?.claims;
  };
}

/** `typ`, `iat` and `jti` are not looked at, as in the original; `nbf` is where it is there. */
async function verify(options: VerifierOptions, token: string): Promise<Verified | undefined> {
  const { findKey, issuer, service, algorithms } = options;
  let keyUntil = Infinity;
  const keyOf = (header: JWTHeaderParameters) => {
    const found = findKey(header);
    if (found === undefined) throw new TypeError('no such key');
    keyUntil = found.until;
    return found.key;
  };
  try {
    const { payload } = await jwtVerify<{ exp: number }>(token, keyOf, {
      algorithms: [...algorithms],
      issuer,
      audience: service,
      requiredClaims: ['exp'],
      clockTolerance: leeway,
    });
    const until = Math.min(keyUntil, (payload.exp + leeway) * 1000);
    return { claims: readClaims(payload), until, size: token.length };
  } catch {
    return undefined;
  }
}

function readClaims(payload: unknown): ForeignClaims {
  const { sub, access } = claimsSchema.parse(payload);
  const scopes = (access ?? []).map(({ type, name, actions }) => ({ type, name, actions: actions ?? [] }));
  return { subject: sub ?? '', access: scopes };
}
