import { randomUUID } from 'node:crypto';
import { adoptsInPlace, type StorageDriver } from '@berth/storage';
import { fileToDelete, restoreFolder } from '../layout.ts';
import { writeWhole, type Produce } from '../stores/whole-file.ts';

/** Where blobs are kept: storage itself, or the folder of a backup. */
export interface BlobPlace {
  readonly driver: StorageDriver;
  at(path: string): string;
  /** Of what a copy that was cut off left behind. */
  readonly parts: string;
}

export function storagePlace(driver: StorageDriver): BlobPlace {
  return { driver, at: (path) => path, parts: restoreFolder };
}

/** Below `blobs/` with the same paths as in storage. */
export function backupPlace(driver: StorageDriver): BlobPlace {
  return { driver, at: (path) => `${backupBlobs}/${path}`, parts: 'parts' };
}

export const backupBlobs = 'blobs';

/** The path in storage of a file of the backup. */
export function pathInStorage(path: string): string {
  return path.slice(backupBlobs.length + 1);
}

/** With the folder that the blob has for itself. */
export async function removeFrom({ driver, at }: BlobPlace, path: string): Promise<void> {
  await driver.delete(at(fileToDelete(path)));
}

/**
 * Writes a file that is there whole or not at all, as {@link writeWhole} does. It takes the place of another one in one
 * step, except where a move is a copy: there it is not there until it is whole.
 */
export async function writeTo<Result>(
  { driver, at, parts }: BlobPlace,
  path: string,
  produce: Produce<Result>,
): Promise<Result | undefined> {
  const direct = adoptsInPlace(driver);
  if (direct) await driver.delete(at(path));
  const part = direct ? at(path) : `${parts}/${randomUUID()}`;
  return writeWhole(driver, { path: at(path), part }, produce);
}
