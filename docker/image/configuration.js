import { parseArgs } from 'node:util';
import { installedDataFolder, loadConfiguration, systemPaths } from '../apps/registry/dist/config/index.js';
import { processEnvironment } from '../apps/registry/dist/config/process.js';

/**
 * The configuration that `berth` with these arguments will have; undefined where it is wrong, which Berth itself explains.
 * @param {readonly string[]} args
 */
export function configurationOf(args) {
  const argument = fileIn(args);
  const search = {
    env: processEnvironment(),
    cwd: process.cwd(),
    systemPaths,
    dataFolder: installedDataFolder,
  };
  try {
    return loadConfiguration({ ...search, ...(argument !== undefined && { argument }) }).configuration;
  } catch {
    return undefined;
  }
}

/** `serve <file>`, `<file>.yml`, and `--config <file>` with any command. */
function fileIn(args) {
  const options = { config: { type: 'string' } };
  const { values, positionals } = parseArgs({ args: [...args], options, strict: false });
  const [first, second] = positionals;
  if (first === 'serve' && second !== undefined) return second;
  if (/\.ya?ml$/.test(first ?? '')) return first;
  return typeof values.config === 'string' ? values.config : undefined;
}
