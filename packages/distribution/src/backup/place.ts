import { randomUUID } from 'node:crypto';
import { adoptsInPlace, type StorageDriver } from '@berth/storage';
import { fileToDelete, restoreFolder } from '../layout.ts';

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
 * Writes a file that is there whole or not at all: not where `produce` answers `false`, or rejects. It takes the place of
 * another one in one step, except where a move is a copy: there it is not there until it is whole.
 */
export async function writeWhole(
  place: BlobPlace,
  path: string,
  produce: (write: (chunk: Uint8Array) => Promise<void>) => Promise<boolean>,
): Promise<void> {
  const { driver } = place;
  const direct = adoptsInPlace(driver);
  const part = direct ? place.at(path) : `${place.parts}/${randomUUID()}`;
  if (direct) await driver.delete(part);
  let whole = false;
  try {
    whole = await writePart(driver, part, produce);
    if (whole && !direct) await driver.move(part, place.at(path));
  } catch (error) {
    whole = false;
    throw error;
  } finally {
    if (!whole) await driver.delete(part).catch(() => undefined);
  }
}

async function writePart(
  driver: StorageDriver,
  part: string,
  produce: (write: (chunk: Uint8Array) => Promise<void>) => Promise<boolean>,
): Promise<boolean> {
  const writer = await driver.append(part);
  try {
    const whole = await produce((chunk) => writer.write(chunk));
    await writer.close({ sync: whole });
    return whole;
  } finally {
    await writer.close().catch(() => undefined);
  }
}
