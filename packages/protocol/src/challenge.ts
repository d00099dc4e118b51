import { OciError } from './errors.ts';
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

/** What a scope may be written with: RFC 6749, section 3.3. No quote ends its value early, no line break its header. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * The value of `WWW-Authenticate`: one challenge, lower-case keys, every value quoted, no space after commas, and no
 * empty `scope`, at which Docker stops to parse (rules 4 to 7). A scope whose name the client made up, and that cannot
 * be written, is left out.
 */
export function formatChallenge({ realm, service, scopes, error }: Challenge): string {
  const parameters = [`realm="${realm}"`, `service="${service}"`];
  const texts = scopes.map(formatScope).filter((text) => scopeToken.test(text));
  if (texts.length > 0) parameters.push(`scope="${texts.join(' ')}"`);
  if (error !== undefined) parameters.push(`error="${error}"`);
  return `Bearer ${parameters.join(',')}`;
}

const messages = {
  none: 'authentication required',
  invalid_token: 'the token is not valid, or not any more',
  insufficient_scope: 'authentication required: the credentials that were sent do not give this access',
};

/** The answer that makes a client ask for a token. The same bytes whether the repository is hidden or missing. */
export function unauthorized(challenge: Challenge): OciError {
  return new OciError('UNAUTHORIZED', {
    message: messages[challenge.error ?? 'none'],
    headers: { 'www-authenticate': formatChallenge(challenge) },
  });
}
