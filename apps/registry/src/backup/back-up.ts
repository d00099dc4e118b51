import { join } from 'node:path';
import { forgetLeases, openDatabase, removeBeside } from '@berth/database';
import type { DistributionTables } from '@berth/distribution';
import {
  backUpBlobs,
  forgetUnfinished,
  holdDeletions,
  oldBlobs,
  removeBlobs,
  writeBlobList,
  type CopyReport,
} from '@berth/distribution/backup';
import { version } from '../installation.ts';
import type { Parts } from '../parts.ts';
import { syncFile } from './durable-file.ts';
import { files, removeUnfinished, whileNew, type BackupFolder } from './folder.ts';
import { writeMarker } from './marker.ts';
import { nothingCopied } from './nothing-copied.ts';

export interface BackUpOptions {
  /** Blobs are listed and not copied. */
  readonly databaseOnly: boolean;
  /** Blobs of earlier backups are removed. */
  readonly prune: boolean;
  /** Blobs that are in the folder already are read again. */
  readonly verify: boolean;
  readonly signal: AbortSignal;
  readonly progress: (report: CopyReport) => void;
}

export interface BackupReport extends CopyReport {
  /** In ISO 8601. */
  readonly time: string;
  readonly databaseOnly: boolean;
  /** Blobs that were in the folder and are not in the database any more. */
  readonly old: number;
  readonly pruned: number;
}

type BackUpParts = Pick<Parts, 'database' | 'storage' | 'logger'>;

interface Content {
  readonly report: CopyReport;
  /** Paths in storage. */
  readonly old: readonly string[];
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * Makes a backup while everything is served. What was in the folder is replaced when the new one is whole: the
 * database first, the marker last, so that whenever it is cut off there is a whole backup if there was one before.
 * Nothing in the folder is touched before the hold is taken or after it: another backup may be at work there.
 */
export async function backUp(
  parts: BackUpParts,
  folder: BackupFolder,
  options: BackUpOptions,
): Promise<BackupReport> {
  const { database, logger } = parts;
  return holdDeletions({ database, logger, now: Date.now }, async () => {
    await removeUnfinished(folder);
    return finish(folder, await writeContent(parts, folder, options), options);
  });
}

async function finish(
  folder: BackupFolder,
  { report, old, time: moment }: Content,
  { databaseOnly, prune }: BackUpOptions,
): Promise<BackupReport> {
  const time = new Date(moment).toISOString();
  await putInPlace(folder);
  const { blobs, bytes } = report.of;
  const damaged = report.lost.length + report.quarantined;
  await writeMarker(folder.driver, { version, time, databaseOnly, blobs, bytes, damaged });
  if (prune) await removeBlobs(folder.driver, old);
  return { ...report, time, databaseOnly, old: old.length, pruned: prune ? old.length : 0 };
}

/** Everything but the marker, under names of its own. */
async function writeContent(
  { database, storage }: BackUpParts,
  { path, driver }: BackupFolder,
  { databaseOnly, ...options }: BackUpOptions,
): Promise<Content> {
  const file = join(path, whileNew(files.database));
  const time = Date.now();
  await database.copyTo(file);
  const copy = await openDatabase<DistributionTables>(file);
  try {
    await copy.transaction(async (trx) => {
      await forgetLeases(trx);
      if (storage !== undefined) await forgetUnfinished(trx, time);
    });
    if (storage === undefined) return { report: nothingCopied, old: [], time };
    const of = await writeBlobList(copy.reader, driver, whileNew(files.list));
    if (databaseOnly) return { report: { ...nothingCopied, of }, old: [], time };
    const report = await backUpBlobs(copy.reader, { storage, folder: driver, ...options });
    return { report, old: await oldBlobs(copy.reader, driver), time };
  } finally {
    await copy.close();
  }
}

async function putInPlace({ path, driver }: BackupFolder): Promise<void> {
  await syncFile(join(path, whileNew(files.database)));
  // Somebody may have looked into the old one: what SQLite kept beside it would spoil the new one.
  await removeBeside(join(path, files.database));
  await driver.move(whileNew(files.database), files.database);
  if ((await driver.stat(whileNew(files.list))) !== null) {
    await driver.move(whileNew(files.list), files.list);
  }
}
