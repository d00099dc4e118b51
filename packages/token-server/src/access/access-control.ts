import type { Access, AccessControl, Credentials, Scope } from '@berth/protocol';
import type { Login } from '../authenticators/login.ts';
import type { Principals } from '../policy/principal.ts';
import type { VerifyToken } from '../tokens/verify.ts';
import type { ReadVersions } from '../versions.ts';
import { parseAuthorization } from './authorization.ts';
import { challengerFor, type Challenger } from './challenger.ts';
import { liveAccess } from './live-access.ts';
import { tokenAccess } from './token-access.ts';

export interface AccessControlOptions {
  readonly service: string;
  readonly login: Login;
  readonly principals: Principals;
  readonly verify: VerifyToken;
  readonly versions: ReadVersions;
}

/** Decides about requests to the registry, by a token or, for clients that send it unasked, by Basic. */
export function createAccessControl(options: AccessControlOptions): AccessControl {
  return {
    async authenticate(credentials, needed) {
      const challenger = challengerFor(credentials, options.service);
      const authorization = parseAuthorization(credentials.authorization);
      switch (authorization.scheme) {
        case 'bearer':
          return byToken(options, authorization.token, challenger, needed);
        case 'basic':
          return byLogin(options, { ...authorization, address: credentials.address }, challenger, needed);
        default:
          throw challenger(needed);
      }
    },
  };
}

async function byToken(
  { verify, principals, versions }: AccessControlOptions,
  token: string,
  challenger: Challenger,
  needed: readonly Scope[],
): Promise<Access> {
  const at = await versions();
  const claims = await verify(token, at);
  const principal = claims && (await principals.load(claims.berth, at));
  if (claims === undefined || principal === undefined) throw challenger(needed, 'invalid_token');
  const access = tokenAccess(claims.access, liveAccess(principal, challenger));
  return { ...access, credential: claims.berth.cid };
}

async function byLogin(
  { login, principals }: AccessControlOptions,
  attempt: Pick<Credentials, 'address'> & { readonly user: string; readonly secret: string },
  challenger: Challenger,
  needed: readonly Scope[],
): Promise<Access> {
  const identity = await login(attempt);
  const principal =
    identity &&
    (await principals.load({
      uid: identity.account.id,
      epoch: identity.epoch,
      cid: identity.credential?.id,
    }));
  if (principal === undefined) throw challenger(needed);
  return { ...liveAccess(principal, challenger), credential: identity?.credential?.id };
}
