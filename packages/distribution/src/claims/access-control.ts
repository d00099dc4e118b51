import {
  unauthorized,
  type AccessControl,
  type ChallengeError,
  type Credentials,
  type Scope,
  type SigningAlgorithm,
} from '@berth/protocol';
import { claimsAccess } from './claims-access.ts';
import { trustedKeys, type KeySources } from './trusted-keys.ts';
import { foreignTokenVerifier } from './verify.ts';

/** `auth.token` of the configuration, with its files read. */
export interface ForeignTokenOptions extends KeySources {
  /** URL of the token server, or where it is below the address under which a client reached the registry. */
  readonly realm: string | { readonly path: string };
  readonly service: string;
  readonly issuer: string;
  readonly algorithms: readonly SigningAlgorithm[];
}

/**
 * Decides by the claims of tokens that somebody else's token server signed: distribution/distribution
 * `registry/auth/token`. Rejects with `TypeError` where the keys cannot be read.
 */
export async function foreignTokenAccess(options: ForeignTokenOptions): Promise<AccessControl> {
  const { realm, service } = options;
  const verify = foreignTokenVerifier({ ...options, findKey: await trustedKeys(options) });
  const challenge = (credentials: Credentials, scopes: readonly Scope[], error?: ChallengeError) => {
    const url = typeof realm === 'string' ? realm : `${credentials.origin}${realm.path}`;
    return unauthorized({ realm: url, service, scopes, error });
  };
  return {
    async authenticate(credentials, needed) {
      const token = bearerToken(credentials.authorization);
      if (token === undefined) throw challenge(credentials, needed);
      const claims = await verify(token);
      if (claims === undefined) throw challenge(credentials, needed, 'invalid_token');
      return claimsAccess(claims, (scopes) => challenge(credentials, scopes, 'insufficient_scope'));
    },
  };
}

/** RFC 6750, section 2.1; the scheme is case-insensitive. */
function bearerToken(authorization = ''): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization)?.[1];
}
