import type { Configuration } from './config/index.ts';

/** What clients name the registry by, as in `docker login`: `http.host` where it is configured. */
export function registryHost(configuration: Configuration, port: number): string {
  const { host } = configuration.http;
  return host === undefined ? localHost(configuration, port) : new URL(host).host;
}

/** The same on this machine: `localhost:5000`. */
export function localHost({ http }: Configuration, port: number): string {
  const { host: name } = http.address;
  if (name === undefined || ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(name)) return `localhost:${port}`;
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** As far as the configuration tells it: not where the port is any free one, or where there is no registry. */
export function configuredHost(configuration: Configuration): string | undefined {
  const { http, storage } = configuration;
  const isKnown = http.host !== undefined || http.address.port !== 0;
  return isKnown && storage.driver.kind !== 'none'
    ? registryHost(configuration, http.address.port)
    : undefined;
}
