import {
  installedDataFolder,
  loadConfiguration,
  maskedConfiguration,
  readBerthEnvironment,
  renderProblem,
  systemPaths,
} from './config/index.ts';
import { processEnvironment } from './config/process.ts';
import type { ConfigurationOptions, Hosts } from './cli/hosts.ts';
import { runBackup, runRestore } from './backup/run.ts';
import { interruptible, stopFirst } from './interruption.ts';
import { openParts } from './parts.ts';
import { createHandler } from './server.ts';
import { serve } from './serve.ts';
import { silentLogger } from './logging.ts';
import { isInstalled, version } from './installation.ts';
import { configuredHost } from './registry-host.ts';

/** What the command line needs, from this process: its environment, its streams, its folder. */
export function processHosts(): Hosts {
  const env = processEnvironment();
  const environment = readBerthEnvironment(env);
  const load = ({ config }: ConfigurationOptions) =>
    loadConfiguration({
      env,
      cwd: process.cwd(),
      // A clone leaves alone what another registry on the machine is configured with.
      systemPaths: isInstalled ? systemPaths : [],
      ...(isInstalled && { dataFolder: installedDataFolder }),
      ...(config !== undefined && { argument: config }),
    });
  return {
    async openLocal(options) {
      const { configuration } = load(options);
      const parts = await openParts(configuration, silentLogger());
      const handler = createHandler({ parts, local: true });
      const forget = stopFirst(async () => (await parts.distribution?.close()) ?? false);
      const close = async () => {
        forget();
        await parts.close();
      };
      return { handler, registryHost: configuredHost(configuration), close };
    },
    serve: (options) => serve(load(options), environment),
    backup: ({ config, folder, ...options }) =>
      interruptible((signal) => runBackup(load({ config }).configuration, folder, { ...options, signal })),
    restore: ({ config, folder, ...options }) =>
      interruptible((signal) => runRestore(load({ config }).configuration, folder, { ...options, signal })),
    checkConfiguration(options) {
      const { warnings, notices, source } = load(options);
      const place = source.kind === 'file' ? source.path : 'the defaults';
      return [...warnings.map(renderProblem), ...notices, `${place}: no errors`].join('\n');
    },
    showConfiguration: (options) => maskedConfiguration(load(options).configuration),
    environment,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    version,
  };
}
