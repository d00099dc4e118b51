import { isNameComponent, type AuditLog } from '@berth/protocol';
import type { Authenticator, Identity, LoginAttempt } from './authenticator.ts';
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
      if (answer === 'wrong') {
        await throttle.fail(attempt, authenticator.guess);
        recordFailure(audit, attempt, authenticator.name);
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

/** Under the name that was tried; what is no name may be a secret in the wrong field and is not written down. */
function recordFailure(audit: AuditLog, { user, address }: LoginAttempt, authenticator: string): void {
  const actor = isNameComponent(user) ? user : 'anonymous';
  audit.record({
    action: 'login',
    outcome: 'failed',
    actor,
    address,
    reason: `wrong credentials (${authenticator})`,
  });
}
