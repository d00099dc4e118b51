import type {
  AccessControl,
  Actor,
  AdminRoute,
  Identify,
  KeyAlgorithm,
  Logger,
  TransactionalAuditLog,
} from '@berth/protocol';
import type { Client } from '@berth/protocol/http';
import type { Middleware } from 'koa';
import type { IncomingMessage } from 'node:http';
import { createAccessControl } from './access/access-control.ts';
import { createIdentify, localActor } from './admin/identify.ts';
import { administrationRoutes } from './admin/routes.ts';
import { createAuditLog } from './audit-log.ts';
import { createLogin } from './authenticators/login.ts';
import { passwordAuthenticator } from './authenticators/password.ts';
import { personalTokenAuthenticator } from './authenticators/personal-token.ts';
import { createThrottle } from './authenticators/throttle.ts';
import { createPasswordHasher, type PasswordHasher } from './credentials/password-hash.ts';
import { createPasswordMemory } from './credentials/password-memory.ts';
import type { TokenDatabase } from './database.ts';
import { limitAnonymousDenials } from './denial-limit.ts';
import { createPrincipals } from './policy/principals.ts';
import { migrations } from './schema/migrations.ts';
import { ensureAdmin, type FirstAdmin } from './subjects/first-admin.ts';
import type { NameRules } from './subjects/names.ts';
import { shortestLife, tokenIssuer } from './tokens/issue.ts';
import { createKeys } from './tokens/keys.ts';
import { createRefreshTokens } from './tokens/refresh-tokens.ts';
import { tokenRoutes } from './tokens/routes.ts';
import type { OtherService, OwnRegistry } from './tokens/services.ts';
import { leeway, tokenVerifier } from './tokens/verify.ts';
import { createUpkeep, type Upkeep } from './upkeep.ts';
import { versionReader } from './versions.ts';

export interface TokenServerOptions {
  readonly database: TokenDatabase;
  /** Berth's own. Absent: a token server alone, for registries that are not Berth. */
  readonly registry?: OwnRegistry | undefined;
  /** Where a request comes from, behind trusted proxies too. */
  readonly client: (request: IncomingMessage) => Client;
  readonly logger: Logger;
  /** Other registries that tokens may be for; none unless given. */
  readonly otherServices?: readonly OtherService[] | undefined;
  /** `berth` unless given. */
  readonly issuer?: string | undefined;
  /** How long a token is good, in seconds, at least 60; 300 unless given. */
  readonly expiration?: number | undefined;
  /** How long a new key is published before it signs, in seconds; 5 unless given. */
  readonly publishKeysBefore?: number | undefined;
  /** Seconds from one key to the next; only by hand where it is 0, or absent. See {@link Upkeep.keys}. */
  readonly rotateKeysEvery?: number | undefined;
  /** Of new keys; `ES256` unless given. */
  readonly keyAlgorithm?: KeyAlgorithm | undefined;
  /** Names that no account may have, such as those of upstreams. */
  readonly reservedNames?: readonly string[] | undefined;
}

export interface TokenServer {
  readonly accessControl: AccessControl;
  /** `/auth/token` and `/.well-known/jwks.json`; everything else goes on. */
  readonly tokenRoutes: Middleware;
  readonly adminRoutes: readonly AdminRoute[];
  readonly identify: Identify;
  /** `local`, the command line on the machine itself. */
  localActor(): Actor;
  readonly audit: TransactionalAuditLog;
  /** The administrator of a new Berth; `undefined` where there is an account already. */
  ensureAdmin(options?: { readonly password?: string | undefined }): Promise<FirstAdmin | undefined>;
  readonly upkeep: Upkeep;
  /** Writes what is still to be written. The database stays open. */
  close(): Promise<void>;
}

/** Brings its tables up to date, and makes the first key where there is none. */
export async function createTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const { database, registry, otherServices = [], client, issuer = 'berth' } = options;
  await database.migrate('token-server', migrations);
  const { audit, expiration, hasher, keys, keySettings, throttle, ...shared } = await createParts(options);
  const { principals, service } = shared;
  return {
    accessControl: createAccessControl({
      ...shared,
      verify: tokenVerifier({ keys, issuer, service, longestLife: expiration }),
    }),
    tokenRoutes: tokenRoutes({
      ...shared,
      audit,
      registry,
      otherServices,
      expiration,
      refreshTokens: createRefreshTokens(database),
      issue: tokenIssuer({ keys, issuer }),
      keys,
      publishBefore: keySettings.publishBefore,
      client,
    }),
    adminRoutes: administrationRoutes({
      database,
      audit,
      principals,
      hasher,
      names: nameRules(options),
      registry,
      otherServices,
      keys,
    }),
    identify: createIdentify(shared),
    localActor: () => localActor(shared),
    audit,
    upkeep: createUpkeep({ database, keys, ...keySettings }),
    ensureAdmin: ({ password } = {}) => ensureAdmin({ database, hasher, password }),
    close: () => {
      throttle.close();
      return audit.close();
    },
  };
}

async function createParts(options: TokenServerOptions) {
  const { database, logger, registry } = options;
  const expiration = Math.max(shortestLife, options.expiration ?? 300);
  const audit = limitAnonymousDenials(createAuditLog({ database, logger }));
  const hasher = createPasswordHasher();
  const throttle = createThrottle({ audit });
  const login = createLogin({ authenticators: authenticators(options, hasher), audit, throttle });
  const versions = versionReader(database);
  const principals = createPrincipals(database, versions);
  const keySettings = keySettingsOf(options, expiration);
  const keys = await createKeys({ database, versions, ...keySettings });
  const service = registry?.service ?? 'berth';
  return { audit, expiration, hasher, keys, keySettings, login, principals, service, throttle, versions };
}

/** Times in milliseconds. A key is kept until verifiers with the largest tolerance refuse the last token that it signed. */
function keySettingsOf(options: TokenServerOptions, expiration: number) {
  const { publishKeysBefore = 5, rotateKeysEvery = 0, keyAlgorithm: algorithm = 'ES256' } = options;
  return {
    algorithm,
    longestLife: (expiration + leeway) * 1000,
    publishBefore: publishKeysBefore * 1000,
    rotateEvery: rotateKeysEvery * 1000,
  };
}

function nameRules({ reservedNames = [], registry }: TokenServerOptions): NameRules {
  const ownsRepositoriesBelow = registry?.hasRepositoriesBelow ?? (async () => false);
  return { reserved: reservedNames, ownsRepositoriesBelow };
}

/** In the order in which they are asked. */
function authenticators({ database, logger }: TokenServerOptions, hasher: PasswordHasher) {
  return [
    personalTokenAuthenticator({ database, logger }),
    passwordAuthenticator({ database, hasher, memory: createPasswordMemory(), logger }),
  ];
}
