import type { Scope } from './scope.ts';

/**
 * The payload of an access token: distribution/distribution `docs/content/spec/auth/jwt.md`, and `berth`, which only
 * Berth's own registry reads. Times are in seconds since 1970.
 */
export interface TokenClaims {
  readonly iss: string;
  /** Name of the account; empty for anonymous. */
  readonly sub: string;
  /** The service, as a plain string (rule 36). */
  readonly aud: string;
  readonly exp: number;
  readonly nbf: number;
  readonly iat: number;
  readonly jti: string;
  readonly access: readonly Scope[];
  readonly berth: PolicyClaims;
}

/** Whose rights of today a token is cut by, and what the policy was when it was made. */
export interface PolicyClaims {
  /** Policy version at which the token was made. */
  readonly pv: number;
  /** Id of the account, absent for anonymous. */
  readonly uid?: string;
  /** Epoch of the account: a new password makes a new one. */
  readonly epoch?: number;
  /** Id of the personal access token behind it. */
  readonly cid?: string;
  /** The earliest expiry of a grant or credential behind it. */
  readonly until?: number;
}
