import { dump } from 'js-yaml';
import type { AuthChoice, Configuration, StorageChoice, UploadPurging } from './configuration.ts';
import { writeS3 } from './s3.ts';
import type { ListenAddress } from './scalars.ts';

type Builtin = Extract<AuthChoice, { kind: 'builtin' }>;
type ForeignTokens = Extract<AuthChoice, { kind: 'token' }>;

const mask = '********';

/** The effective configuration as a file that Berth would read, every default written out and every secret masked. */
export function maskedConfiguration(configuration: Configuration): string {
  const { log, http, storage, auth, uploadPurging, garbageCollection, validation } = configuration;
  const file = {
    version: 0.1,
    log,
    storage: {
      ...writeStorage(storage.driver),
      ...(storage.driver.kind !== 'none' && {
        delete: storage.delete,
        redirect: { disable: !storage.redirect },
        maintenance: {
          uploadpurging: writePurging(uploadPurging),
          garbagecollection: { ...garbageCollection, delay: `${garbageCollection.delay}ms` },
        },
      }),
    },
    ...(configuration.database !== undefined && { database: `sqlite:${configuration.database}` }),
    auth: writeAuth(auth),
    http: {
      addr: writeAddress(http.address),
      ...(http.host !== undefined && { host: http.host }),
      ...(http.secret !== undefined && { secret: mask }),
      relativeurls: http.relativeUrls,
      draintimeout: `${http.drainTimeout}ms`,
      trustedproxies: http.trustedProxies,
    },
    audit: { retention: `${configuration.audit.retention}ms` },
    validation: { manifests: writeValidation(validation) },
  };
  return dump(file);
}

function writeStorage(driver: StorageChoice) {
  if (driver.kind === 'inmemory') return { inmemory: {} };
  if (driver.kind === 'none') return { none: {} };
  if (driver.kind === 's3') return { s3: writeS3(driver.options, mask) };
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

function writeAuth(auth: AuthChoice) {
  switch (auth.kind) {
    case 'none':
      return { none: {} };
    case 'builtin':
      return writeBuiltin(auth);
    case 'token':
      return writeForeignTokens(auth);
  }
}

function writeBuiltin({ kind, signingAlgorithm, keyRotation, keyLead, ...same }: Builtin) {
  const keys = {
    signingalgorithm: signingAlgorithm,
    keyrotation: `${keyRotation}ms`,
    keylead: `${keyLead}ms`,
  };
  return { [kind]: { ...same, ...keys } };
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
