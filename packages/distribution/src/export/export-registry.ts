import { OciError } from '@berth/protocol';
import { isAnything } from '../import/import-registry.ts';
import type { Work } from '../import/step.ts';
import { repositoriesFolder } from '../layout.ts';
import { endImport, findImport } from '../metadata/imports.ts';
import type { StoreContext } from '../stores/context.ts';
import { copyBlobs } from './copy-blobs.ts';
import { removeLinks } from './remove-links.ts';
import type { ExportProgress, ExportRun } from './run.ts';
import { Tally, type ExportReport } from './tally.ts';
import { writeLinks } from './write-links.ts';

export interface ExportOptions {
  /** Ends the work between two steps, with a report of what was done until then; the next export does the rest. */
  readonly signal?: AbortSignal | undefined;
  /** Called after every step, which may be hundreds of times a second. */
  readonly progress?: ((progress: ExportProgress) => void) | undefined;
  /** Says what it would do, and does nothing. */
  readonly dryRun?: boolean | undefined;
}

/**
 * Makes the tree of a `registry:2` say what the database says, so that the original registry serves this storage: links
 * and payloads that are missing are written, links of what is gone are removed. The data of no blob is deleted. One
 * export at a time, and nobody may push, delete or collect meanwhile.
 *
 * Throws `CONFLICT` where the tree was never imported, since all of it would be removed.
 */
export async function exportRegistry(
  context: StoreContext,
  { signal, progress = () => {}, dryRun = false }: ExportOptions = {},
): Promise<ExportReport> {
  const work: Work = { context, options: signal === undefined ? {} : { signal } };
  const tally = new Tally();
  const step = (now: ExportProgress) => {
    signal?.throwIfAborted();
    progress(now);
  };
  await requireImported(work);
  // From now on the tree is Berth's own, never to be imported.
  if (!dryRun) await context.database.transaction((trx) => endImport(trx, context.now()));
  try {
    await exportAll({ work, dryRun, tally, step });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  return tally.report(dryRun);
}

async function exportAll(run: ExportRun): Promise<void> {
  await removeLinks(run);
  await copyBlobs(run);
  await writeLinks(run);
}

async function requireImported({ context, options }: Work): Promise<void> {
  const state = await findImport(context.database.reader);
  if (state?.phase === 'done') return;
  if (state !== undefined) throw conflict('the import of this storage is not finished: start Berth first');
  if (!(await isAnything(context.storage.list(repositoriesFolder, options)))) return;
  throw conflict(
    `${repositoriesFolder} holds repositories that Berth has not imported, and would remove: move it away first`,
  );
}

function conflict(message: string): OciError {
  return new OciError('CONFLICT', { message });
}
