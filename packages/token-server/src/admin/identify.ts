import type { Actor, Identify } from '@berth/protocol';
import { parseAuthorization } from '../access/authorization.ts';
import { challengerFor, type Challenger } from '../access/challenger.ts';
import { liveAccess } from '../access/live-access.ts';
import { unproved } from '../access/unproved.ts';
import type { LoginAttempt } from '../authenticators/authenticator.ts';
import type { Login } from '../authenticators/login.ts';
import { isSecret } from '../credentials/secret.ts';
import { nameOf, type Principal, type Principals } from '../policy/principal.ts';

export interface IdentifyOptions {
  readonly login: Login;
  readonly principals: Principals;
  readonly service: string;
}

const wrong = 'incorrect username or password';

/** By Basic with a password or a personal access token, or by such a token as Bearer. */
export function createIdentify({ login, principals, service }: IdentifyOptions): Identify {
  return async ({ authorization, address, origin }) => {
    const attempt = attemptOf(authorization, address);
    if (attempt === undefined) throw unproved('authentication required');
    const identity = await login(attempt);
    if (identity === undefined) throw unproved(wrong);
    const { account, epoch, credential } = identity;
    const principal = await principals.load({ uid: account.id, epoch, cid: credential });
    if (principal === undefined) throw unproved(wrong);
    const challenger = challengerFor({ origin }, service);
    return { ...actorOf(principal, challenger), address, credential };
  };
}

/** The command line on the machine itself. */
export function localActor({ principals, service }: Pick<IdentifyOptions, 'principals' | 'service'>): Actor {
  const challenger = challengerFor({ origin: '' }, service);
  return { ...actorOf(principals.local(), challenger), address: '' };
}

/** What is no personal access token is not tried as a password. */
function attemptOf(header: string | undefined, address: string): LoginAttempt | undefined {
  const authorization = parseAuthorization(header);
  if (authorization.scheme === 'basic') {
    return { user: authorization.user, secret: authorization.secret, address };
  }
  if (authorization.scheme !== 'bearer' || !isSecret(authorization.token)) return undefined;
  return { user: '', secret: authorization.token, address };
}

/** Who came with a narrowed token administers nothing, an administrator neither. */
function actorOf(principal: Principal, challenger: Challenger): Omit<Actor, 'address'> {
  const narrowed = principal.limits !== null;
  return {
    name: nameOf(principal),
    account: principal.account,
    admin: principal.admin && !narrowed,
    narrowed,
    access: liveAccess(principal, challenger),
  };
}
