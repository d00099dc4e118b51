import type { Access, AccessControl, Credentials, Scope } from '@berth/protocol';
import type { Login } from '../authenticators/login.ts';
import type { Principals } from '../policy/principal.ts';
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
      if (known !== undefined) return accessOf(known, challenger);
      const authorization = parseAuthorization(header);
      switch (authorization.scheme) {
        case 'bearer': {
          const bearer = await findBearer(options, authorization.token, at);
          if (bearer === undefined) throw challenger(needed, 'invalid_token');
          bearers.set(header, at, bearer);
          return accessOf(bearer, challenger);
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

function accessOf({ claims, principal }: Bearer, challenger: Challenger): Access {
  return tokenAccess(claims.access, liveAccess(principal, challenger, { credential: claims.berth.cid }));
}

async function byLogin(
  { login, principals }: AccessControlOptions,
  attempt: Pick<Credentials, 'address'> & { readonly user: string; readonly secret: string },
  challenger: Challenger,
  needed: readonly Scope[],
): Promise<Access> {
  const identity = await login(attempt);
  if (identity === undefined) throw challenger(needed);
  const { account, epoch, credential } = identity;
  const principal = await principals.load({ uid: account.id, epoch, cid: credential });
  if (principal === undefined) throw challenger(needed);
  return liveAccess(principal, challenger, { credential });
}
