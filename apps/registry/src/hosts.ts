import type { ConfigurationOptions, Hosts } from './cli/hosts.ts';
import { readBerthEnvironment } from './config/environment.ts';
import type { Environment, LoadedConfiguration } from './config/index.ts';
import { processEnvironment } from './config/process.ts';
import { isInstalled, version } from './installation.ts';
import { interruptible } from './interruption.ts';

/**
 * What the command line needs, from this process: its environment, its streams, its folder. The rest of Berth is loaded
 * by what needs it: for a server elsewhere, none of it.
 */
export function processHosts(): Hosts {
  const env = processEnvironment();
  const environment = readBerthEnvironment(env);
  const load: Load = (options) => loadHere(env, options);
  return {
    async openLocal(options) {
      const { configuration } = await load(options);
      const { openLocal } = await import('./local-server.ts');
      return openLocal(configuration, (line) => void process.stderr.write(`${line}\n`));
    },
    async serve(options) {
      const loaded = await load(options);
      const { serve } = await import('./serve.ts');
      return serve(loaded, environment, options.config);
    },
    ...dataCopies(load),
    async checkConfiguration(options) {
      const { warnings, notices, source } = await load(options);
      const { renderProblem } = await import('./config/index.ts');
      const place = source.kind === 'file' ? source.path : 'the defaults';
      return [...warnings.map(renderProblem), ...notices, `${place}: no errors`].join('\n');
    },
    async showConfiguration(options) {
      const { configuration } = await load(options);
      const { maskedConfiguration } = await import('./config/index.ts');
      return maskedConfiguration(configuration);
    },
    environment,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    version,
  };
}

type Load = (options: ConfigurationOptions) => Promise<LoadedConfiguration>;

function dataCopies(load: Load): Pick<Hosts, 'backup' | 'restore'> {
  return {
    async backup({ config, folder, ...options }) {
      const { configuration } = await load({ config });
      const { runBackup } = await import('./backup/run.ts');
      return interruptible((signal) => runBackup(configuration, folder, { ...options, signal }));
    },
    async restore({ config, folder, ...options }) {
      const { configuration } = await load({ config });
      const { runRestore } = await import('./backup/run.ts');
      return interruptible((signal) => runRestore(configuration, folder, { ...options, signal }));
    },
  };
}

async function loadHere(env: Environment, { config }: ConfigurationOptions): Promise<LoadedConfiguration> {
  const { installedDataFolder, loadConfiguration, systemPaths } = await import('./config/index.ts');
  return loadConfiguration({
    env,
    cwd: process.cwd(),
    // A clone leaves alone what another registry on the machine is configured with.
    systemPaths: isInstalled ? systemPaths : [],
    ...(isInstalled && { dataFolder: installedDataFolder }),
    ...(config !== undefined && { argument: config }),
  });
}
