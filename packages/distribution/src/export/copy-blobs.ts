import { StorageError } from '@berth/storage';
import { blobPath } from '../layout.ts';
import type { Blob } from '../metadata/blobs.ts';
import { pageOfBlobs } from '../metadata/exports.ts';
import { copyBlob } from './copy-blob.ts';
import type { ExportRun } from './run.ts';

const pageSize = 500;

/** Copies what lies elsewhere to where `registry:2` looks for it: in S3 an upload stays where it was written. */
export async function copyBlobs(run: ExportRun): Promise<void> {
  const { reader } = run.work.context.database;
  let files = 0;
  for (let last: string | undefined = ''; last !== undefined;) {
    const page: Blob[] = await pageOfBlobs(reader, { last, count: pageSize });
    last = page.at(-1)?.digest;
    for (const blob of page) await copyToPlace(run, blob, files);
    files += page.length;
    run.step({ phase: 'copying', files });
  }
}

async function copyToPlace(run: ExportRun, { digest, size, path }: Blob, files: number): Promise<void> {
  const { context, options } = run.work;
  const place = blobPath(digest);
  if (path === place || digest.startsWith('sha512:')) return;
  if ((await context.storage.stat(place, options))?.size === size) return;
  const copied = run.dryRun ? size : await copy(run, { digest, size, path });
  if (copied === undefined) return;
  run.tally.copied += 1;
  run.tally.copiedBytes += copied;
  run.step({ phase: 'copying', files });
}

async function copy({ work, tally }: ExportRun, { digest, path }: Blob): Promise<number | undefined> {
  try {
    const size = await copyBlob(work.context.storage, path, digest, work.options);
    if (size === undefined) tally.skip('wrong-bytes', `blob ${digest}`);
    return size;
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'NOT_FOUND') throw error;
    tally.skip('missing-blob', `blob ${digest}`);
    return undefined;
  }
}
