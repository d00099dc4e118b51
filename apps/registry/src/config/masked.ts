import { dump } from 'js-yaml';
import type { AuthChoice, Configuration, StorageChoice, UploadPurging } from './configuration.ts';
import type { ListenAddress } from './scalars.ts';

type ForeignTokens = Extract<AuthChoice, { kind: 'token' }>;

const mask = '********';

/** The effective configuration as a file that Berth would read, every default written out and every secret masked. */
export function maskedConfiguration(configuration: Configuration): string {
  const { log, http, storage, auth, uploadPurging, validation } = configuration;
  const file = {
    version: 0.1,
    log,
    storage: {
      ...writeStorage(storage.driver),
      delete: storage.delete,
      maintenance: { uploadpurging: writePurging(uploadPurging) },
    },
    auth: auth.kind === 'token' ? writeForeignTokens(auth) : writeAuth(auth),
    http: {
      addr: writeAddress(http.address),
      ...(http.host !== undefined && { host: http.host }),
      ...(http.secret !== undefined && { secret: mask }),
      relativeurls: http.relativeUrls,
      draintimeout: `${http.drainTimeout}ms`,
      trustedproxies: http.trustedProxies,
    },
    validation: { manifests: writeValidation(validation) },
  };
  return dump(file);
}

function writeStorage(driver: StorageChoice) {
  if (driver.kind === 'inmemory') return { inmemory: {} };
  return { filesystem: { rootdirectory: driver.rootDirectory } };
}

function writePurging({ enabled, age, interval, dryRun }: UploadPurging) {
  return { enabled, age: `${age}ms`, interval: `${interval}ms`, dryrun: dryRun };
}

function writeValidation({ layers, children }: Configuration['validation']) {
  const indexes =
    typeof children === 'string' ? { platforms: children } : { platforms: 'list', platformlist: children };
  return { indexes, layers };
}

function writeAuth({ kind, ...settings }: AuthChoice) {
  return { [kind]: settings };
}

function writeForeignTokens({ kind, rootCertBundle, algorithms, realm, ...same }: ForeignTokens) {
  return {
    [kind]: {
      ...(typeof realm === 'string' ? { realm } : { autoredirect: true, autoredirectpath: realm.path }),
      ...same,
      ...(rootCertBundle !== undefined && { rootcertbundle: rootCertBundle }),
      signingalgorithms: algorithms,
    },
  };
}

function writeAddress({ host = '', port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
