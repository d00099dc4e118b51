import { isThere } from './backup/durable-file.ts';
import type { LocalServer } from './cli/hosts.ts';
import { dataFolderOf, type Configuration } from './config/index.ts';
import { stopFirst } from './interruption.ts';
import { silentLogger } from './logging.ts';
import { databaseFile, openParts } from './parts.ts';
import { configuredHost } from './registry-host.ts';
import { createHandler } from './server.ts';

/** The server in this process, for the command line on the data of this machine. `warn` gets a line. */
export async function openLocal(
  configuration: Configuration,
  warn: (line: string) => void,
): Promise<LocalServer> {
  await warnOfNew(configuration, warn);
  const parts = await openParts(configuration, silentLogger());
  const handler = createHandler({ parts, local: true });
  const forget = stopFirst(async () => (await parts.distribution?.close()) ?? false);
  const close = async () => {
    forget();
    await parts.close();
  };
  return { handler, registryHost: configuredHost(configuration), close };
}

/** Whoever forgets the configuration of the server would add people to another one, and not know it. */
async function warnOfNew(configuration: Configuration, warn: (line: string) => void): Promise<void> {
  const folder = dataFolderOf(configuration.storage.driver);
  if (folder === undefined) return;
  const file = databaseFile(configuration, folder);
  if (await isThere(file)) return;
  warn(
    `berth: ${file} is new: there was no Berth. Is yours elsewhere? Give its --config, or the REGISTRY_* variables that it has`,
  );
}
