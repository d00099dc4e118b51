import type { Digest, RepositoryName, Tag } from '@berth/protocol';
import { sql } from 'kysely';
import type { Blob } from './blobs.ts';
import type { Reader } from './schema/tables.ts';

/** A page of what an export writes, in the order of what `last` is. */
export interface After {
  readonly last: string;
  readonly count: number;
}

export interface NamedRepository {
  readonly id: number;
  readonly name: RepositoryName;
}

export async function pageOfRepositories(db: Reader, { last, count }: After): Promise<NamedRepository[]> {
  const rows = await db
    .selectFrom('repository')
    .select(['id', 'name'])
    .where('name', '>', last)
    .orderBy('name')
    .limit(count)
    .execute();
  return rows.map(({ id, name }) => ({ id, name: name as RepositoryName }));
}

/** Of all repositories; those in quarantine are left out. */
export async function pageOfBlobs(db: Reader, { last, count }: After): Promise<Blob[]> {
  const rows = await db
    .selectFrom('blob')
    .select(['digest', 'size', 'path'])
    .where('digest', '>', last)
    .where('quarantined_at', 'is', null)
    .orderBy('digest')
    .limit(count)
    .execute();
  return rows.map((row) => ({ ...row, digest: row.digest as Digest }));
}

/** Blobs that the repository holds; those in quarantine are left out. */
export async function pageOfLinks(
  db: Reader,
  repositoryId: number,
  { last, count }: After,
): Promise<Digest[]> {
  const rows = await db
    .selectFrom('repository_blob')
    .innerJoin('blob', 'blob.digest', 'repository_blob.digest')
    .select('repository_blob.digest')
    .where('repository_blob.repository_id', '=', repositoryId)
    .where('repository_blob.digest', '>', last)
    .where('blob.quarantined_at', 'is', null)
    .orderBy('repository_blob.digest')
    .limit(count)
    .execute();
  return rows.map(({ digest }) => digest as Digest);
}

export interface ManifestSize {
  readonly digest: Digest;
  /** Of the payload, in bytes. */
  readonly size: number;
}

export async function pageOfManifests(
  db: Reader,
  repositoryId: number,
  { last, count }: After,
): Promise<ManifestSize[]> {
  const rows = await db
    .selectFrom('manifest')
    .select(['digest', sql<number>`length(payload)`.as('size')])
    .where('repository_id', '=', repositoryId)
    .where('digest', '>', last)
    .orderBy('digest')
    .limit(count)
    .execute();
  return rows.map(({ digest, size }) => ({ digest: digest as Digest, size }));
}

export async function payloadOf(
  db: Reader,
  repositoryId: number,
  digest: Digest,
): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom('manifest')
    .select('payload')
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row?.payload;
}

/** A repository and when it was made, in milliseconds since 1970. */
export interface DatedRepository {
  readonly id: number;
  readonly createdAt: number;
}

export async function findDated(db: Reader, name: RepositoryName): Promise<DatedRepository | undefined> {
  return db
    .selectFrom('repository')
    .select(['id', 'created_at as createdAt'])
    .where('name', '=', name)
    .executeTakeFirst();
}

/** Those of `digests` that the repository holds as blobs, and may be pulled. */
export async function heldBlobs(
  db: Reader,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('repository_blob')
    .innerJoin('blob', 'blob.digest', 'repository_blob.digest')
    .select('repository_blob.digest')
    .where('repository_blob.repository_id', '=', repositoryId)
    .where('repository_blob.digest', 'in', digests)
    .where('blob.quarantined_at', 'is', null)
    .execute();
  return new Set(rows.map(({ digest }) => digest));
}

export async function heldManifests(
  db: Reader,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('manifest')
    .select('digest')
    .where('repository_id', '=', repositoryId)
    .where('digest', 'in', digests)
    .execute();
  return new Set(rows.map(({ digest }) => digest));
}

export async function heldTags(
  db: Reader,
  repositoryId: number,
  tags: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('tag')
    .select('name')
    .where('repository_id', '=', repositoryId)
    .where('name', 'in', tags as Tag[])
    .execute();
  return new Set(rows.map(({ name }) => name));
}
