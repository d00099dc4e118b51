import type { AuthChoice, Configuration, StorageChoice, UploadPurging } from './configuration.ts';
import { writeS3 } from './s3.ts';
import type { ListenAddress } from './scalars.ts';

type Builtin = Extract<AuthChoice, { kind: 'builtin' }>;
type ForeignTokens = Extract<AuthChoice, { kind: 'token' }>;

const mask = '********';

/** The effective configuration as Berth would read it, every default written out and every secret masked. */
export function maskedConfiguration(configuration: Configuration): object {
  const { log, http, storage, auth, uploadPurging, garbageCollection, validation } = configuration;
  return {
    version: 0.1,
    log,
    storage: {
      ...writeStorage(storage.driver),
      ...(storage.driver.kind !== 'none' && {
        delete: storage.delete,
        redirect: { disable: !storage.redirect },
        maintenance: {
          uploadpurging: writePurging(uploadPurging),
          garbagecollection: { ...garbageCollection, delay: written(garbageCollection.delay) },
          readonly: { enabled: configuration.readOnly },
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
      draintimeout: written(http.drainTimeout),
      trustedproxies: http.trustedProxies,
    },
    audit: { retention: written(configuration.audit.retention) },
    validation: { manifests: writeValidation(validation) },
  };
}

const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** As Go writes durations, in the largest unit that they are whole in: `168h`. */
function written(milliseconds: number): string {
  const [unit, size] = Object.entries(units).find(([, length]) => milliseconds % length === 0) ?? ['ms', 1];
  return milliseconds === 0 ? '0s' : `${milliseconds / size}${unit}`;
}

function writeStorage(driver: StorageChoice) {
  if (driver.kind === 'inmemory') return { inmemory: {} };
  if (driver.kind === 'none') return { none: {} };
  if (driver.kind === 's3') return { s3: writeS3(driver.options, mask) };
  return { filesystem: { rootdirectory: driver.rootDirectory } };
}

function writePurging({ enabled, age, interval, dryRun }: UploadPurging) {
  return { enabled, age: written(age), interval: written(interval), dryrun: dryRun };
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
    keyrotation: written(keyRotation),
    keylead: written(keyLead),
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
