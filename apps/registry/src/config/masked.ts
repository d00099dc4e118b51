import { dump } from 'js-yaml';
import type { AuthChoice, Configuration, StorageChoice } from './configuration.ts';
import type { ListenAddress } from './scalars.ts';

const mask = '********';

/** The effective configuration as a file that Berth would read, every default written out and every secret masked. */
export function maskedConfiguration({ log, http, storage, auth }: Configuration): string {
  const file = {
    version: 0.1,
    log: { level: log.level, formatter: log.formatter },
    storage: { ...writeStorage(storage.driver), delete: storage.delete },
    auth: writeAuth(auth),
    http: {
      addr: writeAddress(http.address),
      ...(http.host !== undefined && { host: http.host }),
      ...(http.secret !== undefined && { secret: mask }),
      relativeurls: http.relativeUrls,
      draintimeout: `${http.drainTimeout}ms`,
      trustedproxies: http.trustedProxies,
    },
  };
  return dump(file);
}

function writeStorage(driver: StorageChoice) {
  if (driver.kind === 'inmemory') return { inmemory: {} };
  return { filesystem: { rootdirectory: driver.rootDirectory } };
}

function writeAuth({ kind, ...settings }: AuthChoice) {
  return { [kind]: settings };
}

function writeAddress({ host = '', port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
