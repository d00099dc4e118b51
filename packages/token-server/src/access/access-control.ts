import type { Access, AccessControl, Credentials, Scope } from '@berth/protocol';
import type { Login } from '../authenticators/login.ts';
import type { Principal, Principals, Who } from '../policy/principal.ts';
import type { VerifyToken } from '../tokens/verify.ts';
import type { ReadVersions, Versions } from '../versions.ts';
import { parseAuthorization } from './authorization.ts';
import { challengerFor, type Challenger } from './challenger.ts';
import { KnownBearers, type Bearer } from './known-bearers.ts';
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
  const bearers = new KnownBearers();
  return {
    async authenticate(credentials, needed) {
      const challenger = challengerFor(credentials, options.service);
      const { authorization: header } = credentials;
      if (header === undefined) throw challenger(needed);
      const at = await options.versions();
      const known = bearers.get(header, at);
      if (known !== undefined) return accessOf(options, known, challenger);
      const authorization = parseAuthorization(header);
      switch (authorization.scheme) {
        case 'bearer': {
          const bearer = await findBearer(options, authorization.token, at);
          if (bearer === undefined) throw challenger(needed, 'invalid_token');
          bearers.set(header, at, bearer);
          return accessOf(options, bearer, challenger);
        }
        case 'basic':
          return byLogin(options, { ...authorization, address: credentials.address }, challenger, needed);
        default:
          throw challenger(needed);
      }
    },
  };
}

async function findBearer(
  { verify, principals }: AccessControlOptions,
  token: string,
  at: Versions,
): Promise<Bearer | undefined> {
  const verified = await verify(token, at);
  const principal = verified && (await principals.load(verified.claims.berth, at));
  return verified && principal && { ...verified, principal };
}

function accessOf(
  options: AccessControlOptions,
  { claims, principal }: Bearer,
  challenger: Challenger,
): Access {
  return tokenAccess(claims.access, renewable(options, claims.berth, principal, challenger));
}

async function byLogin(
  options: AccessControlOptions,
  attempt: Pick<Credentials, 'address'> & { readonly user: string; readonly secret: string },
  challenger: Challenger,
  needed: readonly Scope[],
): Promise<Access> {
  const identity = await options.login(attempt);
  if (identity === undefined) throw challenger(needed);
  const { account, epoch, credential } = identity;
  const who = { uid: account.id, epoch, cid: credential };
  const principal = await options.principals.load(who);
  if (principal === undefined) throw challenger(needed);
  return renewable(options, who, principal, challenger);
}

/** Somebody's rights of now, and again later. */
function renewable(
  options: AccessControlOptions,
  who: Who,
  principal: Principal,
  challenger: Challenger,
): Access {
  const renew = async (needed: readonly Scope[]) => {
    const now = await options.principals.load(who);
    if (now === undefined) throw challenger(needed, 'invalid_token');
    return renewable(options, who, now, challenger);
  };
  return liveAccess(principal, challenger, { credential: who.cid, renew });
}
