import { compiledOnce } from '@berth/database';
import type { Digest, Tag } from '@berth/protocol';
import type { Page } from './repositories.ts';
import type { Reader, Writer } from './schema/tables.ts';

export interface TagRow {
  readonly name: Tag;
  readonly digest: Digest;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

const tagByName = compiledOnce((db: Reader, { repositoryId, name }: { repositoryId: number; name: Tag }) =>
  db.selectFrom('tag').selectAll().where('repository_id', '=', repositoryId).where('name', '=', name),
);

export async function findTag(db: Reader, repositoryId: number, name: Tag): Promise<TagRow | undefined> {
  const [row] = (await tagByName(db, { repositoryId, name })).rows;
  return row && toTag(row);
}

const movedTag = compiledOnce((trx: Writer, tag: TagRow & { repositoryId: number }) => {
  const moved = { digest: tag.digest, updated_at: tag.updatedAt, updated_by: tag.updatedBy };
  return trx
    .insertInto('tag')
    .values({ repository_id: tag.repositoryId, name: tag.name, ...moved })
    .onConflict((conflict) => conflict.columns(['repository_id', 'name']).doUpdateSet(moved));
});

export async function putTag(trx: Writer, repositoryId: number, tag: TagRow): Promise<void> {
  await movedTag(trx, { ...tag, repositoryId });
}

export async function deleteTag(trx: Writer, repositoryId: number, name: Tag): Promise<void> {
  await trx.deleteFrom('tag').where('repository_id', '=', repositoryId).where('name', '=', name).execute();
}

export async function tagsOf(db: Reader, repositoryId: number, digest: Digest): Promise<Tag[]> {
  const rows = await db
    .selectFrom('tag')
    .select('name')
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', digest)
    .execute();
  return rows.map((row) => row.name as Tag);
}

export async function allTags(db: Reader, repositoryId: number): Promise<Tag[]> {
  const rows = await db.selectFrom('tag').select('name').where('repository_id', '=', repositoryId).execute();
  return rows.map((row) => row.name as Tag);
}

/** In the order of their names' bytes. */
export async function listTags(db: Reader, repositoryId: number, page: Page): Promise<TagRow[]> {
  const rows = await db
    .selectFrom('tag')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .where('name', '>', page.last ?? '')
    .orderBy('name')
    .limit(page.count)
    .execute();
  return rows.map(toTag);
}

export function toTag(row: { name: string; digest: string; updated_at: number; updated_by: string }): TagRow {
  return {
    name: row.name as Tag,
    digest: row.digest as Digest,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  };
}
