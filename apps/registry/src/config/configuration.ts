import { resolve } from 'node:path';
import type { ListenAddress } from './scalars.ts';
import type { ParsedFile } from './schema.ts';

export type StorageChoice = { kind: 'filesystem'; rootDirectory: string } | { kind: 'inmemory' };

export type AuthChoice =
  | { kind: 'none' }
  /** `expiration` is the life of a token in seconds. */
  | { kind: 'builtin'; issuer: string; service: string; expiration: number };

/** What the server is made from: every default filled in, every path absolute. */
export type Configuration = {
  log: { level: 'error' | 'warn' | 'info' | 'debug'; formatter: 'text' | 'json' };
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
};

/** Turns the file's spelling into the server's. Relative folders are below `cwd`. */
export function assemble(file: ParsedFile, cwd: string): Configuration {
  const auth = chooseAuth(file.auth);
  return {
    log: { level: file.log.level ?? file.loglevel ?? 'info', formatter: file.log.formatter },
    http: assembleHttp(file.http),
    storage: {
      driver: chooseStorage(file.storage, cwd),
      delete: { enabled: file.storage.delete.enabled ?? auth.kind === 'builtin' },
    },
    auth,
  };
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

function chooseAuth({ builtin, none }: ParsedFile['auth']): AuthChoice {
  if (none !== undefined) return { kind: 'none' };
  const { issuer, service, expiration } = { issuer: 'berth', service: 'berth', expiration: 300, ...builtin };
  return { kind: 'builtin', issuer, service, expiration };
}
