import { compiledOnce } from '@berth/database';
import type { Digest, ReadableNames, RepositoryName } from '@berth/protocol';
import type { DoomedFile } from './deletions.ts';
import { isReadable, type RepositoryColumns } from './readable.ts';
import type { Reader, Writer } from './schema/tables.ts';

export interface Blob {
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  /** Where in storage. */
  readonly path: string;
}

/** A blob as a repository holds it. */
export interface HeldBlob extends Blob {
  readonly repositoryId: number;
  /** When a push used it last, where it is to be reviewed whether a manifest names it; milliseconds since 1970. */
  readonly usedAt: number | null;
}

const heldBlob = compiledOnce((db: Reader, { repository, digest }: { repository: string; digest: Digest }) =>
  db
    .selectFrom('repository')
    .innerJoin('repository_blob', 'repository_blob.repository_id', 'repository.id')
    .innerJoin('blob', 'blob.digest', 'repository_blob.digest')
    .leftJoin('link_review', (join) =>
      join
        .onRef('link_review.repository_id', '=', 'repository_blob.repository_id')
        .onRef('link_review.digest', '=', 'repository_blob.digest'),
    )
    .select(['blob.size', 'blob.path', 'repository.id', 'link_review.used_at'])
    .where('repository.name', '=', repository)
    .where('repository_blob.digest', '=', digest)
    .where('blob.quarantined_at', 'is', null),
);

/** A blob of this repository; that its bytes are in storage for another one does not count. */
export async function findBlob(
  db: Reader,
  repository: string,
  digest: Digest,
): Promise<HeldBlob | undefined> {
  const [row] = (await heldBlob(db, { repository, digest })).rows;
  return row && { digest, size: row.size, path: row.path, repositoryId: row.id, usedAt: row.used_at };
}

const storedBlob = compiledOnce((db: Reader, { digest }: Pick<Blob, 'digest'>) =>
  db
    .selectFrom('blob')
    .select(['size', 'path'])
    .where('digest', '=', digest)
    .where('quarantined_at', 'is', null),
);

/** Whichever repository it belongs to: for the store, never for an answer to a client. */
export async function findStoredBlob(db: Reader, digest: Digest): Promise<Blob | undefined> {
  const [row] = (await storedBlob(db, { digest })).rows;
  return row && { digest, size: row.size, path: row.path };
}

/** Where a blob may be mounted from. */
export interface BlobSource {
  /** Only from this one. */
  readonly from?: RepositoryName | undefined;
  readonly readable: ReadableNames;
}

/** Repositories that are looked at for one that may be read; a common layer is in very many. */
const mostCandidates = 200;

export async function isBlobReadable(
  db: Reader,
  digest: Digest,
  { from, readable }: BlobSource,
): Promise<boolean> {
  const holders = db
    .selectFrom('repository_blob')
    .innerJoin('repository', 'repository.id', 'repository_blob.repository_id')
    .innerJoin('blob', 'blob.digest', 'repository_blob.digest')
    .where('blob.quarantined_at', 'is', null)
    .select(['repository.id', 'repository.name', 'repository.parent', 'repository.visibility'])
    .where('repository_blob.digest', '=', digest)
    .where('repository.name', 'is not', null)
    .$if(from !== undefined, (query) => query.where('repository.name', '=', from!))
    .limit(mostCandidates);
  const row = await db
    .selectFrom(holders.as('repository'))
    .select('name')
    .where((eb) => isReadable(eb as unknown as RepositoryColumns, readable))
    .executeTakeFirst();
  return row !== undefined;
}

const blobInAnyState = compiledOnce((db: Reader, { digest }: Pick<Blob, 'digest'>) =>
  db.selectFrom('blob').select(['path', 'size', 'quarantined_at']).where('digest', '=', digest),
);

const newBlob = compiledOnce((trx: Writer, blob: Blob & { now: number }) =>
  trx.insertInto('blob').values({
    digest: blob.digest,
    size: blob.size,
    path: blob.path,
    created_at: blob.now,
    quarantined_at: null,
  }),
);

/**
 * Resolves to a file that is now of no use, if there is one: that of `blob` where the same bytes are stored already
 * under another path, or the old file where `blob` replaces bytes in quarantine.
 */
export async function insertBlob(trx: Writer, blob: Blob, now: number): Promise<DoomedFile | undefined> {
  const [known] = (await blobInAnyState(trx, { digest: blob.digest })).rows;
  const values = { ...blob, created_at: now, quarantined_at: null };
  if (known === undefined) await newBlob(trx, { ...blob, now });
  else if (known.quarantined_at !== null)
    await trx.updateTable('blob').set(values).where('digest', '=', blob.digest).execute();
  if (known === undefined || known.path === blob.path) return undefined;
  return known.quarantined_at === null ? blob : known;
}

const newLink = compiledOnce((trx: Writer, link: { repositoryId: number; digest: Digest; now: number }) =>
  trx
    .insertInto('repository_blob')
    .values({ repository_id: link.repositoryId, digest: link.digest, created_at: link.now })
    .onConflict((conflict) => conflict.columns(['repository_id', 'digest']).doNothing()),
);

export async function linkBlob(
  trx: Writer,
  repositoryId: number,
  digest: Digest,
  now: number,
): Promise<void> {
  await newLink(trx, { repositoryId, digest, now });
}

/** Whether there was such a link. */
export async function unlinkBlob(trx: Writer, repositoryId: number, digest: Digest): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('repository_blob')
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', digest)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function isBlobHeldBy(db: Reader, repositoryId: number, digest: Digest): Promise<boolean> {
  const row = await db
    .selectFrom('repository_blob')
    .select('digest')
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether any repository holds it. */
export async function isBlobHeld(db: Reader, digest: Digest): Promise<boolean> {
  const row = await db
    .selectFrom('repository_blob')
    .select('digest')
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row !== undefined;
}

export async function countHolders(db: Reader, digest: Digest): Promise<number> {
  const { count } = await db
    .selectFrom('repository_blob')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('digest', '=', digest)
    .executeTakeFirstOrThrow();
  return count;
}

/** Also where it is in quarantine. */
export async function findBlobFile(db: Reader, digest: Digest): Promise<DoomedFile | undefined> {
  return db.selectFrom('blob').select(['path', 'size']).where('digest', '=', digest).executeTakeFirst();
}

/** Resolves to its file, which the caller has to schedule for deletion. */
export async function deleteBlob(trx: Writer, digest: Digest): Promise<DoomedFile | undefined> {
  return trx.deleteFrom('blob').where('digest', '=', digest).returning(['path', 'size']).executeTakeFirst();
}

/** Whether the file is that of a blob. */
export async function isBlobFile(db: Reader, path: string): Promise<boolean> {
  const row = await db.selectFrom('blob').select('path').where('path', '=', path).executeTakeFirst();
  return row !== undefined;
}

/** Answers those that the repository holds no longer, `limit` at most. */
export async function unlinkSomeBlobs(trx: Writer, repositoryId: number, limit: number): Promise<Digest[]> {
  const some = trx
    .selectFrom('repository_blob')
    .select('digest')
    .where('repository_id', '=', repositoryId)
    .limit(limit);
  const rows = await trx
    .deleteFrom('repository_blob')
    .where('repository_id', '=', repositoryId)
    .where('digest', 'in', some)
    .returning('digest')
    .execute();
  return rows.map(({ digest }) => digest as Digest);
}

/** Whether a manifest of the repository names it. */
export async function isBlobUsed(db: Reader, repositoryId: number, digest: Digest): Promise<boolean> {
  const row = await db
    .selectFrom('manifest_reference')
    .select('manifest')
    .where('repository_id', '=', repositoryId)
    .where('target', '=', digest)
    .where('kind', '=', 'blob')
    .executeTakeFirst();
  return row !== undefined;
}
