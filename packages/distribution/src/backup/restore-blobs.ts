import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Database } from '@berth/database';
import type { StorageDriver } from '@berth/storage';
import { blobsFolder, uploadsFolder } from '../layout.ts';
import { quarantine, type Verifiable } from '../metadata/integrity.ts';
import type { DistributionTables } from '../metadata/schema/tables.ts';
import { copyBlobs } from './copy-blobs.ts';
import { backupPlace, storagePlace } from './place.ts';
import type { CopyReport } from './tally.ts';

export interface RestoreOptions {
  readonly storage: StorageDriver;
  /** The folder of the backup; absent where it has no blobs, which must be in storage already then. */
  readonly folder?: StorageDriver | undefined;
  readonly verify: boolean;
  readonly signal: AbortSignal;
  readonly progress: (report: CopyReport) => void;
}

const batch = 100;

/**
 * Copies the blobs of `database`, which is the copy in the backup, to storage, where they are not there yet. Those that are
 * nowhere are put into quarantine, so that the next push of an image brings them back.
 */
export async function restoreBlobs(
  database: Database<DistributionTables>,
  { storage, folder, ...options }: RestoreOptions,
): Promise<CopyReport> {
  const healed: Verifiable[] = [];
  const lost: Verifiable[] = [];
  const report = await copyBlobs(database.reader, {
    ...options,
    from: folder && backupPlace(folder),
    to: storagePlace(storage),
    found: (blob) => blob.quarantined && healed.push(blob),
    missing: (blob) => !blob.quarantined && lost.push(blob),
  });
  await mark(database, healed, null);
  await mark(database, lost, Date.now());
  return report;
}

async function mark(
  database: Database<DistributionTables>,
  blobs: readonly Verifiable[],
  since: number | null,
): Promise<void> {
  for (let first = 0; first < blobs.length; first += batch) {
    await database.transaction(async (trx) => {
      for (const blob of blobs.slice(first, first + batch)) await quarantine(trx, blob, since);
    });
    await yieldToOthers();
  }
}

/** Whether anything lies where blobs are kept. */
export async function hasBlobs(storage: StorageDriver): Promise<boolean> {
  for (const folder of [blobsFolder, uploadsFolder]) {
    for await (const _ of storage.list(folder)) return true;
  }
  return false;
}
