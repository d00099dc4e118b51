import { resolve } from 'node:path';
import type { SigningAlgorithm, Validation } from '@berth/distribution';
import type { OtherService } from '@berth/token-server';
import type { ForeignTokens } from './foreign-tokens.ts';
import type { ListenAddress } from './scalars.ts';
import type { ParsedFile } from './schema.ts';

export type StorageChoice = { kind: 'filesystem'; rootDirectory: string } | { kind: 'inmemory' };

export type AuthChoice =
  | { kind: 'none' }
  /** `expiration` is the life of a token in seconds; `services` are other registries that tokens may be for. */
  | {
      kind: 'builtin';
      issuer: string;
      service: string;
      expiration: number;
      services: readonly OtherService[];
    }
  /** Tokens of somebody else's token server, at `realm` or on the origin of each request; the keys are files. */
  | {
      kind: 'token';
      realm: string | { path: string };
      service: string;
      issuer: string;
      rootCertBundle?: string;
      jwks?: string;
      algorithms: readonly SigningAlgorithm[];
    };

/** What is done about uploads that nobody ends. */
export type UploadPurging = {
  enabled: boolean;
  /** Milliseconds without a write after which an upload counts as abandoned. */
  age: number;
  /** Milliseconds from one look to the next. */
  interval: number;
  /** They are only logged. */
  dryRun: boolean;
};

/** What the server is made from: every default filled in, every path absolute. */
export type Configuration = {
  log: { level: 'error' | 'warn' | 'info' | 'debug'; formatter?: 'text' | 'json' };
  http: {
    address: ListenAddress;
    /** The origin under which clients reach the registry; absent, it is taken from each request. */
    host?: string;
    secret?: string;
    relativeUrls: boolean;
    /** Milliseconds that requests may go on after a signal to stop. */
    drainTimeout: number;
    /** Networks in CIDR notation. */
    trustedProxies: readonly string[];
  };
  storage: { driver: StorageChoice; delete: { enabled: boolean } };
  auth: AuthChoice;
  uploadPurging: UploadPurging;
  validation: Validation;
};

/** Turns the file's spelling into the server's. Relative folders are below `cwd`. */
export function assemble(file: ParsedFile, cwd: string): Configuration {
  const auth = chooseAuth(file.auth, cwd);
  return {
    log: assembleLog(file),
    http: assembleHttp(file.http),
    storage: {
      driver: chooseStorage(file.storage, cwd),
      delete: { enabled: file.storage.delete.enabled ?? auth.kind === 'builtin' },
    },
    auth,
    uploadPurging: assemblePurging(file.storage.maintenance.uploadpurging),
    validation: assembleValidation(file.validation),
  };
}

function assembleLog({ log, loglevel }: ParsedFile): Configuration['log'] {
  const { formatter } = log;
  return { level: log.level ?? loglevel ?? 'info', ...(formatter !== undefined && { formatter }) };
}

function assembleHttp(http: ParsedFile['http']): Configuration['http'] {
  return {
    address: http.addr,
    ...(http.host !== undefined && { host: http.host }),
    ...(http.secret !== undefined && { secret: http.secret }),
    relativeUrls: http.relativeurls,
    drainTimeout: http.draintimeout,
    trustedProxies: http.trustedproxies,
  };
}

function chooseStorage({ filesystem, inmemory }: ParsedFile['storage'], cwd: string): StorageChoice {
  if (inmemory !== undefined) return { kind: 'inmemory' };
  return { kind: 'filesystem', rootDirectory: resolve(cwd, filesystem?.rootdirectory ?? 'data') };
}

function chooseAuth({ builtin, none, token }: ParsedFile['auth'], cwd: string): AuthChoice {
  if (none !== undefined) return { kind: 'none' };
  if (token !== undefined) return assembleForeignTokens(token, cwd);
  const defaults = { issuer: 'berth', service: 'berth', expiration: 300, services: [] };
  return { kind: 'builtin', ...defaults, ...builtin };
}

function assembleForeignTokens(token: ForeignTokens, cwd: string): AuthChoice {
  const { realm, autoredirect, autoredirectpath, rootcertbundle, jwks, service, issuer } = token;
  return {
    kind: 'token',
    realm: autoredirect || realm === undefined ? { path: autoredirectpath } : realm,
    service,
    issuer,
    ...(rootcertbundle !== undefined && { rootCertBundle: resolve(cwd, rootcertbundle) }),
    ...(jwks !== undefined && { jwks: resolve(cwd, jwks) }),
    algorithms: token.signingalgorithms,
  };
}

function assemblePurging({
  dryrun,
  ...same
}: ParsedFile['storage']['maintenance']['uploadpurging']): UploadPurging {
  return { ...same, dryRun: dryrun };
}

/** As in the original, nothing that is switched off in `validation` makes layers optional: that takes `layers: none`. */
function assembleValidation({ disabled, enabled, manifests }: ParsedFile['validation']): Validation {
  const { layers, indexes } = manifests;
  if (disabled && enabled !== true) return { layers, children: 'none' };
  const { platforms, platformlist } = indexes;
  if (platforms !== 'list') return { layers, children: platforms };
  return { layers, children: platformlist.length === 0 ? 'all' : platformlist };
}
