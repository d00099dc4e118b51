import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigurationError } from './problems.ts';
import type { Environment } from './overrides.ts';

/** Where the images of the original registry keep their file: `registry:3`, then `registry:2`. */
export const systemPaths = ['/etc/distribution/config.yml', '/etc/docker/registry/config.yml'] as const;

/** Where an installed Berth has its data unless it is told, as the image of the original registry. */
export const installedDataFolder = '/var/lib/registry';

/** `name` is the path as it was given, for messages; `path` is absolute. */
export type ConfigurationFile = { name: string; path: string; text: string };

export type Search = {
  argument?: string;
  env: Environment;
  cwd: string;
  systemPaths?: readonly string[];
  /** Where the database is with `storage: none`; `data` below `cwd` unless given. */
  dataFolder?: string;
};

/**
 * Reads the file of the argument, else of `REGISTRY_CONFIGURATION_PATH`, else the first of the system's that is there; undefined
 * where there is none. Throws ConfigurationError where a file that was named, or is there, cannot be read.
 */
export function locateFile({
  argument,
  env,
  cwd,
  systemPaths: system = systemPaths,
}: Search): ConfigurationFile | undefined {
  if (argument) return readNamed(argument, cwd);
  const fromEnvironment = env['REGISTRY_CONFIGURATION_PATH'];
  if (fromEnvironment) return readNamed(fromEnvironment, cwd, 'REGISTRY_CONFIGURATION_PATH');
  const found = system.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  return found === undefined ? undefined : readNamed(found, cwd);
}

function readNamed(name: string, cwd: string, variable?: string): ConfigurationFile {
  const path = resolve(cwd, name);
  try {
    return { name, path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
    const problem = {
      path: '',
      message: `${name} cannot be read: ${reason}`,
      ...(variable !== undefined && { variable }),
    };
    throw new ConfigurationError([problem], { cause: error });
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};
