import { isNameComponent, type AuditLog } from '@berth/protocol';
import type { Authenticator, Ended, Identity, LoginAttempt } from './authenticator.ts';
import type { Throttle } from './throttle.ts';

export interface Login {
  /**
   * `undefined`: wrong, which takes the same time for a name that is unknown or disabled; the audit has it.
   * Throws `TOOMANYREQUESTS` with `Retry-After` where too many have failed, or wait for a slow hash already.
   */
  (attempt: LoginAttempt): Promise<Identity | undefined>;
}

export interface LoginOptions {
  /** Asked in this order; the first that knows the attempt decides. */
  readonly authenticators: readonly Authenticator[];
  readonly audit: AuditLog;
  readonly throttle: Throttle;
}

export function createLogin({ authenticators, audit, throttle }: LoginOptions): Login {
  return async (attempt) => {
    const allowed = () => throttle.check(attempt);
    for (const authenticator of authenticators) {
      const answer = await authenticator.authenticate(attempt, allowed);
      if (answer === 'unknown') continue;
      if (answer === 'wrong' || 'ended' in answer) {
        await throttle.fail(attempt, authenticator.guess);
        recordFailure(audit, attempt, answer === 'wrong' ? authenticator.name : answer);
        return undefined;
      }
      if (authenticator.guess === 'password') throttle.pass(attempt);
      return answer;
    }
    await throttle.fail(attempt, 'password');
    recordFailure(audit, attempt, 'none');
    return undefined;
  };
}

/** `cause`: what has ended, or the name of the authenticator that found it wrong. */
function recordFailure(audit: AuditLog, { user, address }: LoginAttempt, cause: Ended | string): void {
  const event = { action: 'login', outcome: 'failed', address } as const;
  if (typeof cause !== 'string') {
    const { owner: actor, credential, ended: reason } = cause;
    return audit.record({ ...event, actor, credential, reason });
  }
  audit.record({ ...event, actor: triedName(user), reason: `wrong credentials (${cause})` });
}

/** What is no name may be a secret in the wrong field and is not written down. */
function triedName(user: string): string {
  return isNameComponent(user) ? user : 'anonymous';
}
