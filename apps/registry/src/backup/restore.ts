import { join } from 'node:path';
import { checkDatabase, removeSqlite } from '@berth/database';
import { hasBlobs, restoreBlobs, type CopyReport } from '@berth/distribution/backup';
import type { StorageDriver } from '@berth/storage';
import { version } from '../installation.ts';
import type { Parts } from '../parts.ts';
import { copyPrivate, isThere, renameDurably } from './durable-file.ts';
import { files, openFolder } from './folder.ts';
import { readMarker, type Marker } from './marker.ts';
import { nothingCopied } from './nothing-copied.ts';

export interface RestoreOptions {
  /** Blobs that are in storage already are used, and the others stay. */
  readonly keepBlobs: boolean;
  /** Blobs that are in storage already are read too, and not only their sizes compared. */
  readonly verify: boolean;
  readonly signal: AbortSignal;
  readonly progress: (report: CopyReport) => void;
}

export interface RestoreReport extends CopyReport {
  /** When the backup was made, in ISO 8601. */
  readonly time: string;
  readonly databaseOnly: boolean;
}

/** The Berth that will be. */
export interface Target {
  /** Of its database. */
  readonly file: string;
  /** Absent with `storage: none`. */
  readonly storage?: StorageDriver | undefined;
  /** Opens another database as if it were its own, and brings it up to date. */
  open(database: string): Promise<Pick<Parts, 'database' | 'close'>>;
}

/**
 * Brings a backup back where there is no Berth: blobs first, and at the end, in one step, the database, without which
 * nothing is there. Cut off, it goes on when it is begun again.
 */
export async function restore(path: string, target: Target, options: RestoreOptions): Promise<RestoreReport> {
  const { file, storage } = target;
  const marker = await readMarker(path, version);
  const copy = `${file}.restoring`;
  await refuseDatabase(file);
  const mayHaveBlobs = marker.databaseOnly || options.keepBlobs || (await isThere(copy));
  if (storage !== undefined && !mayHaveBlobs) await refuseBlobs(storage);
  const report = await bringBack(path, copy, target, marker, options);
  await refuseDatabase(file);
  await renameDurably(copy, file);
  return { ...report, time: marker.time, databaseOnly: marker.databaseOnly };
}

async function refuseDatabase(file: string): Promise<void> {
  if (await isThere(file)) {
    throw new Error(
      `there is a database already, ${file}, and nothing is restored over it: stop Berth and move it away, or name another place`,
    );
  }
  await refuseJournal(file);
}

/** After a kill the last commits of a database are in there. SQLite would write them into any database of that name. */
async function refuseJournal(file: string): Promise<void> {
  for (const journal of [`${file}-wal`, `${file}-journal`]) {
    if (!(await isThere(journal))) continue;
    throw new Error(
      `${journal} belongs to a database that was there, and would spoil the new one: move it to where that database is now, or remove it`,
    );
  }
}

async function refuseBlobs(storage: StorageDriver): Promise<void> {
  if (!(await hasBlobs(storage))) return;
  throw new Error(
    'storage holds blobs already: name an empty one, or say --keep-blobs if they are those of this registry',
  );
}

/** Everything but the last step. */
async function bringBack(
  path: string,
  copy: string,
  { storage, open }: Target,
  marker: Marker,
  options: RestoreOptions,
): Promise<CopyReport> {
  const parts = await openCopy(path, copy, open);
  try {
    if (storage === undefined) return nothingCopied;
    const folder = marker.databaseOnly ? undefined : openFolder(path).driver;
    const report = await restoreBlobs(parts.database, { storage, folder, ...options });
    if (marker.databaseOnly) await refuseOtherStorage(report, copy);
    return report;
  } finally {
    await parts.close();
  }
}

async function openCopy(path: string, copy: string, open: Target['open']): ReturnType<Target['open']> {
  await removeSqlite(copy);
  await copyPrivate(join(path, files.database), copy);
  try {
    checkDatabase(copy);
    return await open(copy);
  } catch (error) {
    await removeSqlite(copy);
    throw error;
  }
}

/** Without one blob it is not the storage of this database, and a Berth that has lost everything helps nobody. */
async function refuseOtherStorage({ blobs, lost }: CopyReport, copy: string): Promise<void> {
  if (lost.length === 0 || lost.length < blobs) return;
  await removeSqlite(copy);
  throw new Error(
    `none of the ${blobs} blobs is in storage, and the backup has the database only: bring them there first (blobs.txt lists them)`,
  );
}
