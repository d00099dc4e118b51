import type { RepositoryName } from '@berth/protocol';
import { revisionsFolder } from '../layout.ts';
import {
  endRepository,
  findImport,
  hasForeign,
  noteSkips,
  stagedLinks,
  unstageLinks,
  unusedLinks,
} from '../metadata/imports.ts';
import { ensureRepository, findRepository } from '../metadata/repositories.ts';
import { reviewUsedLink } from '../metadata/reviews.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { atOnce } from './at-once.ts';
import { layers } from './layers.ts';
import { revisions } from './revisions.ts';
import type { ImportRun } from './run.ts';
import type { Skip } from './skips.ts';
import { isSkip, readsAtOnce, type Step } from './step.ts';
import { tags } from './tags.ts';

/** Never due, and used after every moment that a collection can name; milliseconds since 1970. */
const forever = Number.MAX_SAFE_INTEGER;

/** Links that are compared with the manifests in one transaction. */
const pageSize = 500;

/** An id that no repository has. */
const noRepository = 0;

/** Each part of it may have been done before; what is staged is what is left. */
export async function importRepository(run: ImportRun, name: RepositoryName): Promise<void> {
  await importLinks(run, name, layers);
  await importLinks(run, name, revisions);
  await importLinks(run, name, tags);
  await reviewUnused(run, name);
  await run.owner.transaction((trx) => endRepository(trx, name));
}

async function importLinks<Item extends object>(
  run: ImportRun,
  repository: RepositoryName,
  step: Step<Item>,
): Promise<void> {
  const { reader } = run.work.context.database;
  for (;;) {
    const names = await stagedLinks(reader, repository, step.kind, step.size);
    const last = names.at(-1);
    if (last === undefined) return;
    const found = await atOnce(names, readsAtOnce, (name) => step.examine(run.work, repository, name));
    const skips = await run.owner.transaction(async (trx) => {
      const skipped = await write(run, trx, repository, step, found);
      await noteSkips(trx, skipped);
      await unstageLinks(trx, repository, step.kind, last);
      return skipped;
    });
    run.note(skips);
    await report(run, repository);
  }
}

/** A repository is made by the first blob or manifest that is in it, and by no tag: that would name nothing. */
async function write<Item extends object>(
  { work }: ImportRun,
  trx: Writer,
  name: RepositoryName,
  step: Step<Item>,
  found: readonly (Item | Skip)[],
): Promise<Skip[]> {
  const items = found.filter((each): each is Item => !isSkip(each));
  const skipped = found.filter((each) => isSkip(each));
  if (items.length === 0) return skipped;
  const now = work.context.now();
  const find = step.kind === 'tag' ? findRepository(trx, name) : ensureRepository(trx, name, now);
  const id = (await find)?.id ?? noRepository;
  return [...skipped, ...(await step.write(trx, { id, name, now }, items))];
}

async function report({ work, progress }: ImportRun, repository: RepositoryName): Promise<void> {
  const state = await findImport(work.context.database.reader);
  if (state !== undefined) progress({ phase: 'importing', done: state.done, links: state.links, repository });
}

/**
 * Blobs that no manifest of the repository names: collection looks at them after its delay. Where a manifest was left
 * out that `registry:2` serves, they may be its own: they stay, until the repository goes.
 */
async function reviewUnused({ work, owner }: ImportRun, name: RepositoryName): Promise<void> {
  const { database, now, reviewDelay } = work.context;
  const repository = await findRepository(database.reader, name);
  if (repository === undefined) return;
  const keep = await hasForeign(database.reader, revisionsFolder(name));
  const times = keep ? { now: forever, dueAt: forever } : { now: now(), dueAt: now() + reviewDelay };
  const review = async (trx: Writer, last: string) => {
    const page = await unusedLinks(trx, repository.id, { last, count: pageSize });
    for (const digest of page.unused) await reviewUsedLink(trx, repository.id, digest, times);
    return page.last;
  };
  for (let last: string | undefined = ''; last !== undefined;) {
    const after: string = last;
    last = await owner.transaction((trx) => review(trx, after));
  }
}
