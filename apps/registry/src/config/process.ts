import type { Environment } from './overrides.ts';

/** The one place that reads the environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}
