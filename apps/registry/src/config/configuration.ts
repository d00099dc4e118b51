import { dirname, resolve } from 'node:path';
import type { Validation } from '@berth/distribution';
import type { KeyAlgorithm, SigningAlgorithm } from '@berth/protocol';
import type { S3DriverOptions } from '@berth/storage-s3';
import type { OtherService } from '@berth/token-server';
import type { ForeignTokens } from './foreign-tokens.ts';
import { assembleS3 } from './s3.ts';
import type { ListenAddress } from './scalars.ts';
import type { ParsedFile } from './schema.ts';

export type StorageChoice =
  | { kind: 'filesystem'; rootDirectory: string }
  | { kind: 'inmemory' }
  /** `folder` is that of the database. */
  | { kind: 's3'; folder: string; options: S3DriverOptions }
  /** A token server alone; `folder` is that of the database. */
  | { kind: 'none'; folder: string };

/** The folder of the database, and of the blobs where these are files; undefined where all is in memory. */
export function dataFolderOf(storage: StorageChoice): string | undefined {
  switch (storage.kind) {
    case 'filesystem':
      return storage.rootDirectory;
    case 's3':
    case 'none':
      return storage.folder;
    case 'inmemory':
      return undefined;
  }
}

export type AuthChoice =
  | { kind: 'none' }
  /** `expiration` is the life of a token in seconds; `services` are other registries that tokens may be for. */
  | {
      kind: 'builtin';
      issuer: string;
      service: string;
      expiration: number;
      services: readonly OtherService[];
      signingAlgorithm: KeyAlgorithm;
      /** Milliseconds that a key signs; 0: until another one is made by hand. */
      keyRotation: number;
      /** Milliseconds that a new key is published before it signs. */
      keyLead: number;
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
  storage: {
    driver: StorageChoice;
    delete: { enabled: boolean };
    /** Whether clients are sent to where a blob lies, where that is possible. */
    redirect: boolean;
  };
  /** The file of the database where it is named; else it is `berth.db` in the data folder. */
  database?: string;
  auth: AuthChoice;
  uploadPurging: UploadPurging;
  /** `delay` in milliseconds. */
  garbageCollection: { enabled: boolean; delay: number };
  /** Whether nothing is pushed, deleted, collected or purged. */
  readOnly: boolean;
  /** Milliseconds that an event stays; 0: for ever. */
  audit: { retention: number };
  validation: Validation;
};

/** Where things are that the file says nothing of. */
export type Places = {
  /** Relative folders are below it. */
  cwd: string;
  /** Of the database where there is no storage; `data` unless given. */
  dataFolder?: string;
};

/** Turns the file's spelling into the server's. */
export function assemble(file: ParsedFile, places: Places): Configuration {
  const { cwd } = places;
  const auth = chooseAuth(file.auth, cwd);
  return {
    log: assembleLog(file),
    http: assembleHttp(file.http),
    storage: {
      driver: chooseStorage(file, places),
      delete: { enabled: file.storage.delete.enabled ?? auth.kind === 'builtin' },
      redirect: !file.storage.redirect.disable,
    },
    ...(file.database !== undefined && { database: resolve(cwd, file.database) }),
    auth,
    uploadPurging: assemblePurging(file.storage.maintenance.uploadpurging),
    garbageCollection: file.storage.maintenance.garbagecollection,
    readOnly: file.storage.maintenance.readonly.enabled,
    audit: file.audit,
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

function chooseStorage(
  { storage: { filesystem, inmemory, none, s3, s3aws }, database = 'data/berth.db' }: ParsedFile,
  { cwd, dataFolder = 'data' }: Places,
): StorageChoice {
  const bucket = s3 ?? s3aws;
  if (bucket !== undefined) {
    return { kind: 's3', folder: dirname(resolve(cwd, database)), options: assembleS3(bucket) };
  }
  if (inmemory !== undefined) return { kind: 'inmemory' };
  if (none !== undefined) return { kind: 'none', folder: resolve(cwd, dataFolder) };
  return { kind: 'filesystem', rootDirectory: resolve(cwd, filesystem?.rootdirectory ?? 'data') };
}

function chooseAuth({ builtin, none, token }: ParsedFile['auth'], cwd: string): AuthChoice {
  if (none !== undefined) return { kind: 'none' };
  if (token !== undefined) return assembleForeignTokens(token, cwd);
  return assembleBuiltin(builtin ?? builtinDefaults);
}

const builtinDefaults = {
  issuer: 'berth',
  service: 'berth',
  expiration: 300,
  services: [],
  signingalgorithm: 'ES256',
  keyrotation: 0,
  keylead: 5000,
} as const;

function assembleBuiltin({
  signingalgorithm: signingAlgorithm,
  keyrotation: keyRotation,
  keylead: keyLead,
  ...same
}: NonNullable<ParsedFile['auth']['builtin']> | typeof builtinDefaults): AuthChoice {
  return { kind: 'builtin', ...same, signingAlgorithm, keyRotation, keyLead };
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
