import { formatChallenge, OciError, type ChallengeError, type Scope } from '@berth/protocol';

/** Makes the `UNAUTHORIZED` answer that tells a client which scopes to ask a token for. */
export type Challenger = (needed: readonly Scope[], error?: ChallengeError) => OciError;

export const tokenPath = '/auth/token';

const messages = {
  none: 'authentication required',
  invalid_token: 'the token is not valid, or not any more',
  insufficient_scope: 'authentication required: the credentials that were sent do not give this access',
};

/** Where a client reaches Berth; asked only when a challenge is made. */
interface Reached {
  readonly origin: string;
}

/** The same bytes whether the repository is hidden or missing. */
export function challengerFor(reached: Reached, service: string): Challenger {
  return (scopes, error) => {
    const realm = `${reached.origin}${tokenPath}`;
    return new OciError('UNAUTHORIZED', {
      message: messages[error ?? 'none'],
      headers: { 'www-authenticate': formatChallenge({ realm, service, scopes, error }) },
    });
  };
}
