import type { RequestListener } from 'node:http';
import type { Configuration, BerthEnvironment, LoadedConfiguration } from './config/index.ts';
import { dataFolderOf, renderProblem, systemPaths } from './config/index.ts';
import { ensureFirstAdmin } from './first-admin.ts';
import { greeting } from './greeting.ts';
import { commandWith, isInstalled } from './installation.ts';
import { listen, type Listening } from './listen.ts';
import { createLogger } from './logging.ts';
import { startMaintenance } from './maintenance.ts';
import { moveIn } from './moving-in.ts';
import { openParts, type Parts } from './parts.ts';
import { adoptAlgorithm } from './token-upkeep.ts';
import { createHandler } from './server.ts';
import { explainStartFailure } from './start-failure.ts';

/** A person who types Ctrl-C waits for requests in flight no longer than this, in milliseconds. */
const patience = 800;

/**
 * Starts Berth and resolves when it has stopped, by SIGINT or SIGTERM. Rejects with one clear line. `file` is the configuration
 * that was named on the command line.
 */
export async function serve(
  loaded: LoadedConfiguration,
  environment: BerthEnvironment,
  file?: string,
): Promise<void> {
  const { configuration, warnings, notices } = loaded;
  const { drainTimeout } = configuration.http;
  const logger = await createLogger(configuration.log);
  for (const warning of warnings) logger.warn({}, renderProblem(warning));
  for (const notice of notices) logger.info({}, notice);
  const parts = await openParts(configuration, logger).catch((error: unknown) => {
    throw explainStartFailure(error, configuration);
  });
  try {
    const listening = await open(parts, environment, commandFor(file));
    const maintenance = startMaintenance(parts);
    const signal = await stopSignal();
    logger.info({}, `${signal}: finishing what is in flight`);
    const limit = signal === 'SIGINT' ? Math.min(patience, drainTimeout) : drainTimeout;
    await Promise.all([listening.stop(limit), maintenance.stop()]);
  } finally {
    await parts.close();
  }
}

/** The port is taken first: an administrator whose password nobody gets to see helps nobody. Requests wait for him. */
async function open(parts: Parts, environment: BerthEnvironment, command: string): Promise<Listening> {
  const { configuration, distribution } = parts;
  const { listener, open: ready } = heldBack(createHandler({ parts }));
  try {
    await distribution?.recover();
    const imported = await moveIn(parts, command);
    await adoptAlgorithm(parts);
    const listening = await listen(listener, configuration.http.address);
    const admin = await firstAdmin(parts, environment, configuration).catch(async (error: unknown) => {
      await listening.stop(0);
      throw error;
    });
    ready();
    process.stdout.write(greeting(configuration, { port: listening.port, admin, imported, command }));
    return listening;
  } catch (error) {
    throw explainStartFailure(error, configuration);
  }
}

/** An installed Berth finds a file of the system's by itself. */
function commandFor(file: string | undefined): string {
  const isFound = isInstalled && systemPaths.some((path) => path === file);
  return commandWith(isFound ? undefined : file);
}

/** Requests wait until `open` is called. */
function heldBack(handler: RequestListener): { listener: RequestListener; open: () => void } {
  const opened = Promise.withResolvers<void>();
  let isOpen = false;
  const open = () => {
    isOpen = true;
    opened.resolve();
  };
  const listener: RequestListener = (request, response) =>
    isOpen ? handler(request, response) : void opened.promise.then(() => handler(request, response));
  return { listener, open };
}

async function firstAdmin(parts: Parts, environment: BerthEnvironment, { auth, storage }: Configuration) {
  if (auth.kind !== 'builtin') return undefined;
  const folder = dataFolderOf(storage.driver);
  return ensureFirstAdmin(parts.tokenServer, { password: environment.adminPassword, folder });
}

/** A second signal, of either kind, ends the process at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      for (const each of signals) process.off(each, stop);
      resolve(signal);
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
