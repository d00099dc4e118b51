import { formatScope, type Scope } from './scope.ts';

/** Why a token was not enough: RFC 6750, section 3.1. Absent where none was sent. */
export type ChallengeError = 'invalid_token' | 'insufficient_scope';

export interface Challenge {
  /** Absolute URL of the token endpoint (rule 8). */
  readonly realm: string;
  readonly service: string;
  readonly scopes: readonly Scope[];
  readonly error?: ChallengeError | undefined;
}

/**
 * The value of `WWW-Authenticate`: one challenge, lower-case keys, every value quoted, no space after commas, and no
 * empty `scope`, at which Docker stops to parse (rules 4 to 7).
 */
export function formatChallenge({ realm, service, scopes, error }: Challenge): string {
  const parameters = [`realm="${realm}"`, `service="${service}"`];
  if (scopes.length > 0) parameters.push(`scope="${scopes.map(formatScope).join(' ')}"`);
  if (error !== undefined) parameters.push(`error="${error}"`);
  return `Bearer ${parameters.join(',')}`;
}
