import { compiledOnce, type Database } from '@berth/database';
import type {
  FindRepository,
  ReadableNames,
  RepositoryFacts,
  RepositoryName,
  Visibility,
} from '@berth/protocol';
import { isReadable, type RepositoryColumns } from './readable.ts';
import type { DistributionTables, Reader, Writer } from './schema/tables.ts';

export interface Repository {
  readonly id: number;
  readonly name: RepositoryName;
  readonly visibility: Visibility;
  /** Tag patterns. */
  readonly immutableTags: readonly string[];
  readonly description: string;
}

const repositoryByName = compiledOnce((db: Reader, { name }: { name: RepositoryName }) =>
  db.selectFrom('repository').selectAll().where('name', '=', name),
);

export async function findRepository(db: Reader, name: RepositoryName): Promise<Repository | undefined> {
  const [row] = (await repositoryByName(db, { name })).rows;
  return row && toRepository(row);
}

/** Whether there is any. */
export async function hasRepository(db: Reader): Promise<boolean> {
  return (await db.selectFrom('repository').select('id').limit(1).executeTakeFirst()) !== undefined;
}

const visibilityByName = compiledOnce((db: Reader, { name }: { name: RepositoryName }) =>
  db.selectFrom('repository').select('visibility').where('name', '=', name),
);

/** What access decisions need; a repository that does not exist is private. */
export function repositoryFacts(database: Database<DistributionTables>): FindRepository {
  const find = async (name: RepositoryName): Promise<RepositoryFacts> => {
    const [row] = (await visibilityByName(database.reader, { name })).rows;
    return { name, visibility: row?.visibility ?? 'private', exists: row !== undefined };
  };
  return (name) => database.remembered(`repository ${name}`, () => find(name));
}

/** Whether a repository has a name below `first`, as `team/app` is below `team`. */
export async function hasRepositoriesBelow(db: Reader, first: string): Promise<boolean> {
  const row = await db
    .selectFrom('repository')
    .select('id')
    .where('name', '>=', `${first}/`)
    .where('name', '<', `${first}0`)
    .executeTakeFirst();
  return row !== undefined;
}

export async function ensureRepository(trx: Writer, name: RepositoryName, now: number): Promise<Repository> {
  const known = await findRepository(trx, name);
  if (known !== undefined) return known;
  const above = ancestorsOf(name);
  const parent = above.at(-1) ?? '';
  const row = await trx
    .insertInto('repository')
    .values({ name, parent, visibility: 'private', immutable_tags: '[]', description: '', created_at: now })
    .returningAll()
    .executeTakeFirstOrThrow();
  if (above.length > 0) {
    const rows = above.map((ancestor) => ({ ancestor, repository_id: row.id }));
    await trx.insertInto('repository_ancestor').values(rows).execute();
  }
  return toRepository(row);
}

/** `a/b/c` gives `a` and `a/b`. */
function ancestorsOf(name: RepositoryName): string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

export interface RepositoryChange {
  readonly visibility?: Visibility | undefined;
  readonly immutableTags?: readonly string[] | undefined;
  readonly description?: string | undefined;
}

export async function changeRepository(trx: Writer, id: number, change: RepositoryChange): Promise<void> {
  const { visibility, immutableTags, description } = change;
  const set = {
    ...(visibility !== undefined && { visibility }),
    ...(immutableTags !== undefined && { immutable_tags: JSON.stringify(immutableTags) }),
    ...(description !== undefined && { description }),
  };
  if (Object.keys(set).length === 0) return;
  await trx.updateTable('repository').set(set).where('id', '=', id).execute();
}

/** From now on nobody finds it, and its name is free. What it holds goes with the collection. */
export async function hideRepository(trx: Writer, id: number): Promise<void> {
  await trx
    .updateTable('repository')
    .set({ name: null, parent: '', visibility: 'private' })
    .where('id', '=', id)
    .execute();
  await trx.deleteFrom('repository_ancestor').where('repository_id', '=', id).execute();
}

/** A repository that was deleted and still has its row: the collector is to empty it. */
export async function findHidden(db: Reader): Promise<number | undefined> {
  const row = await db.selectFrom('repository').select('id').where('name', 'is', null).executeTakeFirst();
  return row?.id;
}

/** Deletes the row only: the repository has to be empty. */
export async function deleteRepository(trx: Writer, id: number): Promise<void> {
  await trx.deleteFrom('repository').where('id', '=', id).execute();
}

export interface Page {
  /** Items at most. */
  readonly count: number;
  /** The item after which to begin. */
  readonly last?: string | undefined;
}

/** Repositories with a manifest that are readable, in the order of their names' bytes. */
export async function listRepositories(
  db: Reader,
  readable: ReadableNames,
  page: Page,
): Promise<Repository[]> {
  const rows = await db
    .selectFrom('repository')
    .selectAll()
    .where('name', '>', page.last ?? '')
    .where((eb) => isReadable(eb as unknown as RepositoryColumns, readable))
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('manifest')
          .select('manifest.digest')
          .whereRef('manifest.repository_id', '=', 'repository.id'),
      ),
    )
    .orderBy('name')
    .limit(page.count)
    .execute();
  return rows.map(toRepository);
}

function toRepository(row: {
  id: number;
  name: string | null;
  visibility: Visibility;
  immutable_tags: string;
  description: string;
}): Repository {
  const { id, visibility, description } = row;
  const immutableTags = JSON.parse(row.immutable_tags) as string[];
  return { id, name: row.name as RepositoryName, visibility, immutableTags, description };
}
