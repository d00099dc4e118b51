import {
  unauthorized,
  type ChallengeError,
  type Credentials,
  type OciError,
  type Scope,
} from '@berth/protocol';

/** Makes the `UNAUTHORIZED` answer that tells a client which scopes to ask a token for. */
export type Challenger = (needed: readonly Scope[], error?: ChallengeError) => OciError;

export const tokenPath = '/auth/token';

/** The origin is asked for only when a challenge is made. */
export function challengerFor(credentials: Pick<Credentials, 'origin'>, service: string): Challenger {
  return (scopes, error) =>
    unauthorized({ realm: `${credentials.origin}${tokenPath}`, service, scopes, error });
}
