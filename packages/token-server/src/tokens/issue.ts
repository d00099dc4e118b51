import type { PolicyClaims, Scope, TokenClaims } from '@berth/protocol';
import { SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import type { Keys } from './keys.ts';

/** Of a token, in seconds: clients use a shorter one beyond its end (`docs/content/spec/auth/token.md`). */
export const shortestLife = 60;

/** Clocks differ: a token is good a little before it was made (rule 39). Seconds. */
const backDated = 10;

export interface TokenOrder {
  /** Name of the account; empty for anonymous. */
  readonly subject: string;
  readonly service: string;
  readonly access: readonly Scope[];
  readonly policy: PolicyClaims;
  /** How long it is good, in seconds. */
  readonly life: number;
  /** Whether the certificate of the key goes into the header. */
  readonly certificate?: boolean | undefined;
}

export interface IssuedToken {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly issuedAt: Date;
}

export type IssueToken = (order: TokenOrder) => Promise<IssuedToken>;

export function tokenIssuer({ keys, issuer }: { readonly keys: Keys; readonly issuer: string }): IssueToken {
  return async ({ subject, service, access, policy, life, certificate }) => {
    const key = await keys.signing();
    const iat = Math.floor(Date.now() / 1000);
    const expiresIn = Math.max(shortestLife, lifeWithin(policy, iat, life));
    const claims: TokenClaims = {
      iss: issuer,
      sub: subject,
      aud: service,
      exp: iat + expiresIn,
      nbf: iat - backDated,
      iat,
      jti: randomUUID(),
      access,
      berth: policy,
    };
    const token = await new SignJWT({ ...claims })
      .setProtectedHeader({
        alg: key.algorithm,
        typ: 'JWT',
        kid: key.kid,
        ...(certificate === true && { x5c: [key.certificate] }),
      })
      .sign(key.privateKey);
    return { token, expiresIn, issuedAt: new Date(iat * 1000) };
  };
}

/** Other registries know nothing of `until`, so the token ends with what it rests on. */
function lifeWithin({ until }: PolicyClaims, now: number, life: number): number {
  return until === undefined ? life : Math.min(life, until - now);
}
