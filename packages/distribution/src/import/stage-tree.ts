import { repositoriesFolder } from '../layout.ts';
import { endListing, noteSkips, stageLinks } from '../metadata/imports.ts';
import type { ImportRun } from './run.ts';
import { classify, type Found } from './tree.ts';

/** Files of one transaction. */
const batchSize = 1000;

/** Notes every link of the tree in the database, so that nothing has to be held in memory or found again. */
export async function stageTree(run: ImportRun): Promise<void> {
  const { storage } = run.work.context;
  let uploads = 0;
  let seen = 0;
  let batch: Found[] = [];
  const flush = async () => {
    uploads += batch.filter(({ kind }) => kind === 'upload').length;
    seen += batch.length;
    await stage(run, batch);
    run.progress({ phase: 'listing', files: seen });
    batch = [];
  };
  for await (const path of storage.list(repositoriesFolder, run.work.options)) {
    batch.push(classify(path));
    if (batch.length === batchSize) await flush();
  }
  await flush();
  await run.owner.transaction((trx) => endListing(trx, uploads));
}

async function stage({ owner, note }: ImportRun, batch: readonly Found[]): Promise<void> {
  const links = batch.flatMap((found) => (found.kind === 'link' ? [found.link] : []));
  const skips = batch.flatMap((found) => (found.kind === 'skip' ? [found.skip] : []));
  await owner.transaction(async (trx) => {
    await stageLinks(trx, links);
    await noteSkips(trx, skips);
  });
  note(skips);
}
