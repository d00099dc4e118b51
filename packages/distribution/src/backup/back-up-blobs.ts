import type { StorageDriver } from '@berth/storage';
import { isBlobFile } from '../metadata/blobs.ts';
import { pagesOfBlobs, sumBlobs, type Verifiable } from '../metadata/integrity.ts';
import type { Reader } from '../metadata/schema/tables.ts';
import { copyBlobs } from './copy-blobs.ts';
import { backupBlobs, backupPlace, pathInStorage, removeFrom, storagePlace } from './place.ts';
import type { CopyReport } from './tally.ts';

export interface BackUpOptions {
  readonly storage: StorageDriver;
  /** The folder of the backup. */
  readonly folder: StorageDriver;
  readonly verify: boolean;
  readonly signal: AbortSignal;
  readonly progress: (report: CopyReport) => void;
}

/** Writes the list of all blobs that `db`, the copy of the database, knows. Answers what they are together. */
export async function writeBlobList(
  db: Reader,
  folder: StorageDriver,
  name: string,
): Promise<CopyReport['of']> {
  const writer = await folder.append(name);
  try {
    for await (const page of pagesOfBlobs(db)) await writer.write(Buffer.from(blobLines(page)));
    await writer.close({ sync: true });
    return await sumBlobs(db);
  } finally {
    await writer.close().catch(() => undefined);
  }
}

/** A line a blob: `<digest> <size in bytes> <path in storage>`. None of them has a space. */
function blobLines(page: readonly Verifiable[]): string {
  return page.map(({ digest, size, path }) => `${digest} ${size} ${path}\n`).join('');
}

/** Copies all of them that are not in the folder yet. Nobody may delete from storage meanwhile. */
export async function backUpBlobs(
  db: Reader,
  { storage, folder, ...options }: BackUpOptions,
): Promise<CopyReport> {
  return copyBlobs(db, { from: storagePlace(storage), to: backupPlace(folder), ...options });
}

/** Blobs in the folder that `db` does not know, as paths in storage: those of earlier backups. */
export async function oldBlobs(db: Reader, folder: StorageDriver): Promise<string[]> {
  const old: string[] = [];
  for await (const file of folder.list(backupBlobs)) {
    const path = pathInStorage(file);
    if (!(await isBlobFile(db, path))) old.push(path);
  }
  return old;
}

export async function removeBlobs(folder: StorageDriver, paths: readonly string[]): Promise<void> {
  const place = backupPlace(folder);
  for (const path of paths) await removeFrom(place, path);
}
