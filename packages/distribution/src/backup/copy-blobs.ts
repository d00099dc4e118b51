import { atOnce } from '../import/at-once.ts';
import { pagesOfBlobs, sumBlobs, type Verifiable } from '../metadata/integrity.ts';
import type { Reader } from '../metadata/schema/tables.ts';
import { copyBlob, readBlob, type CopyOptions } from './copy-blob.ts';
import type { BlobPlace } from './place.ts';
import { Tally, type CopyReport } from './tally.ts';

/** Blobs that are copied at a time: many are small, and wait for the disk or for the bucket. */
const blobsAtOnce = 8;

export interface CopyBlobsOptions {
  /** Absent: those that should be there already are only looked at. */
  readonly from?: BlobPlace | undefined;
  readonly to: BlobPlace;
  /** Reads also what is there already, where its size is right anyway. */
  readonly verify: boolean;
  readonly signal: AbortSignal;
  readonly progress: (report: CopyReport) => void;
  /** Called with a blob that is there now, when its bytes were compared with its digest. */
  readonly found?: (blob: Verifiable) => void;
  /** Called with a blob that is in neither place. */
  readonly missing?: (blob: Verifiable) => void;
}

/**
 * Copies each blob of the database that is not there yet. One that is damaged is left out and reported. Rejects where a
 * copy cannot be written, and with the reason of the signal.
 */
export async function copyBlobs(db: Reader, options: CopyBlobsOptions): Promise<CopyReport> {
  const { to, signal, progress } = options;
  const tally = new Tally(db, await sumBlobs(db));
  await to.driver.delete(to.parts);
  for await (const page of pagesOfBlobs(db)) {
    await atOnce(page, blobsAtOnce, async (blob) => {
      signal.throwIfAborted();
      await bring(blob, options, tally);
      tally.blobs += 1;
      progress(tally.report);
    });
  }
  await to.driver.delete(to.parts);
  return tally.report;
}

async function bring(blob: Verifiable, options: CopyBlobsOptions, tally: Tally): Promise<void> {
  const { from, to, verify, signal, progress } = options;
  const passed = (bytes: number) => {
    tally.bytes += bytes;
    progress(tally.report);
  };
  const copying: CopyOptions = { signal, passed };
  const there = await whatIsThere(blob, to, verify ? copying : undefined);
  if (there === undefined) {
    if (verify) options.found?.(blob);
    else tally.bytes += blob.size;
    return;
  }
  const wrong = from === undefined ? there : await copyBlob(from, to, blob, copying);
  if (wrong === undefined) {
    tally.copy(blob);
    options.found?.(blob);
  } else {
    await tally.lose(blob, wrong);
    options.missing?.(blob);
  }
}

/** What is wrong with the one that is there; nothing where it need not be copied. */
async function whatIsThere(
  blob: Verifiable,
  to: BlobPlace,
  reading: CopyOptions | undefined,
): Promise<string | undefined> {
  const stat = await to.driver.stat(to.at(blob.path));
  if (stat === null) return 'its file is missing';
  if (stat.size !== blob.size) return `it has ${stat.size} bytes and not ${blob.size}`;
  return reading === undefined ? undefined : readBlob(to, blob, reading);
}
