import type { Digest, RepositoryName } from '@berth/protocol';
import { foreignReasons, type Skip, type SkipReason } from '../import/skips.ts';
import type { StagedLink } from '../import/tree.ts';
import type { ImportLinkTable, ImportTable } from './schema/import.ts';
import type { Reader, Writer } from './schema/tables.ts';

/** The state of the import of a `registry:2` tree, so that it goes on where it was after the process ended. */
export async function findImport(db: Reader): Promise<ImportTable | undefined> {
  return db.selectFrom('import').selectAll().executeTakeFirst();
}

/** Nothing happens where one has begun. */
export async function beginImport(trx: Writer): Promise<void> {
  await trx
    .insertInto('import')
    .values({ id: 1, phase: 'listing', links: 0, done: 0, uploads: 0, ended_at: null })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** The whole tree is staged. */
export async function endListing(trx: Writer, uploads: number): Promise<void> {
  await trx
    .updateTable('import')
    .set(({ selectFrom }) => ({
      phase: 'importing',
      uploads,
      links: selectFrom('import_link').select(({ fn }) => fn.countAll<number>().as('count')),
    }))
    .execute();
}

/** For ever: what is in the tree from now on was written by an export, or is none of ours. Once is enough. */
export async function endImport(trx: Writer, now: number): Promise<void> {
  await beginImport(trx);
  await trx
    .updateTable('import')
    .set({ phase: 'done', ended_at: now })
    .where('phase', '!=', 'done')
    .execute();
}

/** What was staged before stays once. */
export async function stageLinks(trx: Writer, links: readonly StagedLink[]): Promise<void> {
  if (links.length === 0) return;
  const names = [...new Set(links.map(({ repository }) => repository))];
  await trx
    .insertInto('import_repository')
    .values(names.map((name) => ({ name })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await trx
    .insertInto('import_link')
    .values([...links])
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function nextRepository(db: Reader): Promise<RepositoryName | undefined> {
  const row = await db.selectFrom('import_repository').select('name').orderBy('name').executeTakeFirst();
  return row?.name as RepositoryName | undefined;
}

export async function endRepository(trx: Writer, name: RepositoryName): Promise<void> {
  await trx.deleteFrom('import_repository').where('name', '=', name).execute();
}

export type LinkKind = ImportLinkTable['kind'];

/** In the order of their names. */
export async function stagedLinks(
  db: Reader,
  repository: RepositoryName,
  kind: LinkKind,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('import_link')
    .select('name')
    .where('repository', '=', repository)
    .where('kind', '=', kind)
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map(({ name }) => name);
}

/** Those up to `last`. */
export async function unstageLinks(
  trx: Writer,
  repository: RepositoryName,
  kind: LinkKind,
  last: string,
): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom('import_link')
    .where('repository', '=', repository)
    .where('kind', '=', kind)
    .where('name', '<=', last)
    .executeTakeFirst();
  await trx
    .updateTable('import')
    .set((eb) => ({ done: eb('done', '+', Number(numDeletedRows)) }))
    .execute();
}

/** Rows of one statement: databases limit its parameters. */
const rowsAtOnce = 500;

export async function noteSkips(trx: Writer, skips: readonly Skip[]): Promise<void> {
  for (let first = 0; first < skips.length; first += rowsAtOnce) {
    await trx
      .insertInto('import_skip')
      .values(skips.slice(first, first + rowsAtOnce))
      .onConflict((conflict) => conflict.column('path').doNothing())
      .execute();
  }
}

/** How many of each kind. */
export async function countSkips(db: Reader): Promise<{ reason: SkipReason; count: number }[]> {
  const rows = await db
    .selectFrom('import_skip')
    .select(({ fn }) => ['reason', fn.countAll<number>().as('count')])
    .groupBy('reason')
    .orderBy('reason')
    .execute();
  return rows.map(({ reason, count }) => ({ reason: reason as SkipReason, count: Number(count) }));
}

/** In the order of their paths, after the path `last`. */
export async function listSkips(
  db: Reader,
  reason: SkipReason,
  { last = '', count }: { readonly last?: string; readonly count: number },
): Promise<Skip[]> {
  const rows = await db
    .selectFrom('import_skip')
    .selectAll()
    .where('reason', '=', reason)
    .where('path', '>', last)
    .orderBy('path')
    .limit(count)
    .execute();
  return rows.map((row) => ({ ...row, reason }));
}

/** Whether the folder has manifests that a `registry:2` serves and Berth does not. */
export async function hasForeign(db: Reader, folder: string): Promise<boolean> {
  const row = await db
    .selectFrom('import_skip')
    .select('path')
    .where('path', '>', `${folder}/`)
    .where('path', '<', `${folder}0`)
    .where('reason', 'in', foreignReasons)
    .executeTakeFirst();
  return row !== undefined;
}

/** What is in the database; when an import ends, all of it came from there. */
export interface Totals {
  readonly repositories: number;
  readonly manifests: number;
  readonly tags: number;
  readonly blobs: number;
  /** Of the blobs. */
  readonly bytes: number;
}

export async function countEverything(db: Reader): Promise<Totals> {
  const count = async (table: 'repository' | 'manifest' | 'tag') => {
    const counted = db.selectFrom(table).select(({ fn }) => fn.countAll<number>().as('count'));
    return Number((await counted.executeTakeFirstOrThrow()).count);
  };
  const blobs = await db
    .selectFrom('blob')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number | null>('size').as('bytes')])
    .executeTakeFirstOrThrow();
  return {
    repositories: await count('repository'),
    manifests: await count('manifest'),
    tags: await count('tag'),
    blobs: Number(blobs.count),
    bytes: Number(blobs.bytes ?? 0),
  };
}

/** Links of a repository, in the order of their digests, and which of them no manifest of it names. */
export async function unusedLinks(
  trx: Writer,
  repositoryId: number,
  { last, count }: { readonly last: string; readonly count: number },
): Promise<{ readonly last: string | undefined; readonly unused: Digest[] }> {
  const page = await trx
    .selectFrom('repository_blob')
    .select('digest')
    .where('repository_id', '=', repositoryId)
    .where('digest', '>', last)
    .orderBy('digest')
    .limit(count)
    .execute();
  const digests = page.map(({ digest }) => digest as Digest);
  if (digests.length === 0) return { last: undefined, unused: [] };
  const used = await trx
    .selectFrom('manifest_reference')
    .select('target')
    .distinct()
    .where('repository_id', '=', repositoryId)
    .where('kind', '=', 'blob')
    .where('target', 'in', digests)
    .execute();
  const targets = new Set<string>(used.map(({ target }) => target));
  return { last: digests.at(-1), unused: digests.filter((digest) => !targets.has(digest)) };
}

/** What was skipped at these paths. */
export async function skipsAt(db: Reader, paths: readonly string[]): Promise<Skip[]> {
  const rows = await db.selectFrom('import_skip').selectAll().where('path', 'in', paths).execute();
  return rows.map((row) => ({ ...row, reason: row.reason as SkipReason }));
}
