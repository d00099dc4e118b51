import { unauthorized, type ChallengeError, type OciError, type Scope } from '@berth/protocol';

/** Makes the `UNAUTHORIZED` answer that tells a client which scopes to ask a token for. */
export type Challenger = (needed: readonly Scope[], error?: ChallengeError) => OciError;

export const tokenPath = '/auth/token';

/** Where a client reaches Berth; asked only when a challenge is made. */
interface Reached {
  readonly origin: string;
}

export function challengerFor(reached: Reached, service: string): Challenger {
  return (scopes, error) => unauthorized({ realm: `${reached.origin}${tokenPath}`, service, scopes, error });
}
