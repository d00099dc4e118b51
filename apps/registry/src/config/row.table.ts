import type { Environment } from './index.ts';

/**
 * One configuration and what comes of it. Without `file` there is none. `warnings` and `errors` are the rendered lines, none
 * where absent; `notices` is a count; `gives` is the part of the configuration that the row is about.
 */
export type Row = {
  is: string;
  file?: string;
  env?: Environment;
  gives?: object;
  warnings?: string[];
  errors?: string[];
  notices?: number;
};

/** A file whose first line is the version, so that `keys` begin on line 2. */
export const f = (...keys: string[]) => ['version: 0.1', ...keys, ''].join('\n');

export const builtin = {
  kind: 'builtin',
  issuer: 'berth',
  service: 'berth',
  expiration: 300,
  services: [],
  signingAlgorithm: 'ES256',
  keyRotation: 0,
  keyLead: 5000,
};
export const inVarLib = { kind: 'filesystem', rootDirectory: '/var/lib/registry' };
export const unsupported = 'is not supported by this version of Berth';
export const noEffect = `${unsupported} and has no effect`;
