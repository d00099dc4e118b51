import type { Digest, ReadableNames, RepositoryName } from '@berth/protocol';
import { isReadable, type RepositoryColumns } from './readable.ts';
import type { Reader, Writer } from './schema/tables.ts';

export interface Blob {
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  /** Where in storage. */
  readonly path: string;
}

/** A blob of this repository; that its bytes are in storage for another one does not count. */
export async function findBlob(db: Reader, repository: string, digest: Digest): Promise<Blob | undefined> {
  const row = await db
    .selectFrom('repository')
    .innerJoin('repository_blob', 'repository_blob.repository_id', 'repository.id')
    .innerJoin('blob', 'blob.digest', 'repository_blob.digest')
    .select(['blob.size', 'blob.path'])
    .where('repository.name', '=', repository)
    .where('repository_blob.digest', '=', digest)
    .executeTakeFirst();
  return row && { digest, size: row.size, path: row.path };
}

/** Whichever repository it belongs to: for the store, never for an answer to a client. */
export async function findStoredBlob(db: Reader, digest: Digest): Promise<Blob | undefined> {
  const row = await db
    .selectFrom('blob')
    .select(['size', 'path'])
    .where('digest', '=', digest)
    .executeTakeFirst();
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
    .select(['repository.id', 'repository.name', 'repository.parent', 'repository.visibility'])
    .where('repository_blob.digest', '=', digest)
    .$if(from !== undefined, (query) => query.where('repository.name', '=', from!))
    .limit(mostCandidates);
  const row = await db
    .selectFrom(holders.as('repository'))
    .select('name')
    .where((eb) => isReadable(eb as unknown as RepositoryColumns, readable))
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertBlob(trx: Writer, blob: Blob, now: number): Promise<void> {
  await trx
    .insertInto('blob')
    .values({ ...blob, created_at: now })
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .execute();
}

export async function linkBlob(
  trx: Writer,
  repositoryId: number,
  digest: Digest,
  now: number,
): Promise<void> {
  await trx
    .insertInto('repository_blob')
    .values({ repository_id: repositoryId, digest, created_at: now })
    .onConflict((conflict) => conflict.columns(['repository_id', 'digest']).doNothing())
    .execute();
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
