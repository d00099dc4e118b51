import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DatabaseError } from '@berth/database';
import { StorageError } from '@berth/storage';
import { dataFolderOf, type Configuration } from '../config/index.ts';
import { silentLogger } from '../logging.ts';
import { databaseFile, openParts, openStorage } from '../parts.ts';
import { explainStartFailure } from '../start-failure.ts';
import { isThere } from './durable-file.ts';
import { backUp, type BackUpOptions, type BackupReport } from './back-up.ts';
import { openForBackup } from './folder.ts';
import { restore, type RestoreOptions, type RestoreReport } from './restore.ts';

/** Makes a backup of the Berth that is configured, whether it runs or not. */
export async function runBackup(
  configuration: Configuration,
  path: string,
  options: BackUpOptions,
): Promise<BackupReport> {
  const dataFolder = requireData(configuration);
  const database = databaseFile(configuration, dataFolder);
  if (!(await isThere(database))) throw new Error(`there is no Berth to back up: no database ${database}`);
  const folder = await openForBackup(resolve(path), dataFolder);
  const parts = await explained(configuration, () => openParts(configuration, silentLogger()));
  try {
    return await backUp(parts, folder, options).catch((error: unknown) => {
      throw unfinished(error, 'the backup is not finished, and the one before it stays as it was');
    });
  } finally {
    await parts.close();
  }
}

/** Brings a backup back to where the configuration says. */
export async function runRestore(
  configuration: Configuration,
  path: string,
  options: RestoreOptions,
): Promise<RestoreReport> {
  const file = databaseFile(configuration, requireData(configuration));
  const { storage } = await explained(configuration, () => openStorage(configuration.storage.driver));
  await mkdir(dirname(file), { recursive: true, mode: 0o750 });
  const open = (database: string) => openParts({ ...configuration, database }, silentLogger());
  return restore(resolve(path), { file, storage, open }, options).catch((error: unknown) => {
    throw unfinished(error, 'the restore is not finished; the same command goes on with it');
  });
}

/** What failed below, with what that means; a refusal says so itself. */
function unfinished(error: unknown, meaning: string): unknown {
  if (!(error instanceof StorageError || error instanceof DatabaseError)) return error;
  return new Error(`${meaning}: ${error.message}`, { cause: error });
}

function requireData({ storage }: Configuration): string {
  const folder = dataFolderOf(storage.driver);
  if (folder === undefined)
    throw new Error('storage.inmemory is gone with its process: there is nothing to keep');
  return folder;
}

async function explained<Result>(configuration: Configuration, open: () => Promise<Result>): Promise<Result> {
  return open().catch((error: unknown) => {
    throw explainStartFailure(error, configuration);
  });
}
