import * as nodeFs from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { removeSqlite } from '@berth/database';
import type { StorageDriver } from '@berth/storage';
import { filesystemDriver, type FileSystem } from '@berth/storage-filesystem';

/**
 * What is in the folder of a backup:
 *
 *   berth.db       the database
 *   blobs.txt      the blobs that it knows, a line each: digest, size in bytes, path in storage
 *   blobs/…        their bytes, under the same paths as in storage
 *   backup.json    what this is and when it was made; without it the backup is not finished
 *   *.new, parts/  of a backup that is being made, or was cut off
 */
export const files = {
  database: 'berth.db',
  list: 'blobs.txt',
  marker: 'backup.json',
} as const;

/** A file is written under this name, and gets its own in one step. */
export const whileNew = (file: string): string => `${file}.new`;

export interface BackupFolder {
  readonly path: string;
  readonly driver: StorageDriver;
}

/** What nobody minds in a folder that is said to be empty. */
const known = new Set(['blobs', 'parts', 'lost+found', ...Object.values(files)]);

/**
 * Opens the folder for a new backup, made where it does not exist, and changes nothing in it. Throws for a folder that
 * holds something else, or that lies in `dataFolder`.
 */
export async function openForBackup(path: string, dataFolder: string): Promise<BackupFolder> {
  if (isWithin(await withoutLinks(dataFolder), await withoutLinks(path))) {
    throw new Error(
      `${path} lies in the data folder ${dataFolder}, with which it would be lost: choose another`,
    );
  }
  await makeWritable(path);
  const strange = (await nodeFs.readdir(path)).find((name) => !isKnown(name));
  if (strange !== undefined) {
    throw new Error(`${path} holds ${strange}, which is no part of a backup: choose an empty folder`);
  }
  return openFolder(path);
}

/** Removes what a backup that was cut off left. To be called where no other one is being made. */
export async function removeUnfinished({ path, driver }: BackupFolder): Promise<void> {
  await removeSqlite(join(path, whileNew(files.database)));
  for (const file of [files.list, files.marker]) await driver.delete(whileNew(file));
}

/** In a container the command runs as the owner of the data, who may be nobody to the folder that was mounted. */
async function makeWritable(path: string): Promise<void> {
  const { constants, access, mkdir } = nodeFs;
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    const user = `user ${process.geteuid?.()}, as whom this command runs`;
    throw new Error(`${path} cannot be written by ${user}${code}`, { cause: error });
  }
}

export function openFolder(path: string): BackupFolder {
  return { path, driver: filesystemDriver({ rootDirectory: path, fs: privateFiles }) };
}

/** The database of a backup holds keys and hashes of passwords, so nobody else reads any of it. */
const privateFiles: FileSystem = {
  ...nodeFs,
  mkdir: ((path: string) => nodeFs.mkdir(path, { recursive: true, mode: 0o700 })) as FileSystem['mkdir'],
  open: (path, flags) => nodeFs.open(path, flags, 0o600),
};

/** SQLite keeps files beside its own. */
function isKnown(name: string): boolean {
  return known.has(name.replace(/-(wal|shm|journal)$/, '').replace(/\.new$/, ''));
}

/** Where the path leads through symbolic links; what does not exist yet has none. */
async function withoutLinks(path: string): Promise<string> {
  const absolute = resolve(path);
  const parent = dirname(absolute);
  const real = await nodeFs.realpath(absolute).catch(() => undefined);
  return real ?? (parent === absolute ? absolute : join(await withoutLinks(parent), basename(absolute)));
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
}
