import { setTimeout as sleep } from 'node:timers/promises';
import { cacheState, repositoriesFolder } from '../layout.ts';
import { beginImport, endImport, findImport, nextRepository } from '../metadata/imports.ts';
import { hasRepository } from '../metadata/repositories.ts';
import type { StoreContext } from '../stores/context.ts';
import { importRepository } from './import-repository.ts';
import { Overtaken, Ownership } from './ownership.ts';
import { reportImport, type ImportReport } from './report.ts';
import type { ImportProgress, ImportRun } from './run.ts';
import type { Skip } from './skips.ts';
import { stageTree } from './stage-tree.ts';
import type { Work } from './step.ts';

export interface ImportOptions {
  /** Ends the work between two steps; the next start goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Called after every step, which may be hundreds of times a second. */
  readonly progress?: ((progress: ImportProgress) => void) | undefined;
}

export type ImportOutcome =
  /** There is no tree, or it was imported before, or Berth has repositories of its own. */
  | { readonly kind: 'nothing' }
  /** There is one, but it is that of a pull-through cache, where private images may be. */
  | { readonly kind: 'cache' }
  | { readonly kind: 'imported'; readonly report: ImportReport };

/** How often a process looks whether another one has done it, in milliseconds. */
const lookAgain = 500;

/**
 * Takes over the tree of a `registry:2` or `registry:3`, once, where there is no repository yet. No file of it is moved or
 * deleted. What cannot be imported is noted and left out. To be awaited before the port opens.
 *
 * It goes on where it was when the process ended: the tree is listed into the database first, and each step deletes what
 * it has done in the transaction that does it. Of several processes one imports, and the others wait.
 */
export async function importRegistry(
  context: StoreContext,
  { signal, progress = () => {} }: ImportOptions = {},
): Promise<ImportOutcome> {
  const owner = new Ownership(context, 'import');
  const work = { context, options: signal === undefined ? {} : { signal } };
  const run = { work, owner, progress, note: noteIn(context) };
  for (;;) {
    const found = await look(work);
    if (found !== 'tree') return { kind: found };
    const report = (await owner.take()) ? await importOwned(run) : undefined;
    if (report !== undefined) return { kind: 'imported', report };
    progress({ phase: 'waiting' });
    await sleep(lookAgain, undefined, work.options);
  }
}

/** What there is to import. */
async function look({ context, options }: Work): Promise<'tree' | 'cache' | 'nothing'> {
  const { database, storage } = context;
  const state = await findImport(database.reader);
  if (state !== undefined) return state.phase === 'done' ? 'nothing' : 'tree';
  if (await hasRepository(database.reader)) return 'nothing';
  if (!(await isAnything(storage.list(repositoriesFolder, options)))) return 'nothing';
  return (await storage.stat(cacheState, options)) === null ? 'tree' : 'cache';
}

export async function isAnything(paths: AsyncIterable<string>): Promise<boolean> {
  for await (const path of paths) return path !== '';
  return false;
}

/** `undefined` where another process was quicker. */
async function importOwned(run: ImportRun): Promise<ImportReport | undefined> {
  try {
    if ((await look(run.work)) !== 'tree') return undefined;
    return await importTree(run);
  } catch (error) {
    if (error instanceof Overtaken) return undefined;
    throw error;
  } finally {
    await run.owner.release().catch(() => undefined);
  }
}

async function importTree(run: ImportRun): Promise<ImportReport> {
  const { context, options } = run.work;
  const { reader } = context.database;
  await run.owner.transaction(beginImport);
  if ((await findImport(reader))?.phase === 'listing') await stageTree(run);
  for (let name; (name = await nextRepository(reader)) !== undefined;) {
    options.signal?.throwIfAborted();
    await importRepository(run, name);
  }
  await run.owner.transaction((trx) => endImport(trx, context.now()), {});
  return reportImport(reader);
}

function noteIn({ logger }: StoreContext): (skips: readonly Skip[]) => void {
  return (skips) => {
    for (const skip of skips) logger.debug({ ...skip }, 'not imported, or not whole');
  };
}
