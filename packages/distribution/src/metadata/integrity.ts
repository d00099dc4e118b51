import type { Digest } from '@berth/protocol';
import { blobDigest } from '../layout.ts';
import { isBlobFile } from './blobs.ts';
import type { Reader, Writer } from './schema/tables.ts';
import { isDigestNoted } from './uploads.ts';

/** A blob whose bytes are to be compared with its digest. */
export interface Verifiable {
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  readonly path: string;
  readonly quarantined: boolean;
  /** When its bytes came; later where they were pushed again. Milliseconds since 1970. */
  readonly createdAt: number;
}

const pageSize = 500;

/** Every blob, also in quarantine, in the order of their digests, a page at a time. */
export async function* pagesOfBlobs(db: Reader): AsyncGenerator<readonly Verifiable[]> {
  for (let last: string | undefined = ''; last !== undefined;) {
    const page: readonly Verifiable[] = await blobsAfter(db, last);
    last = page.at(-1)?.digest;
    if (page.length > 0) yield page;
  }
}

async function blobsAfter(db: Reader, last: string): Promise<Verifiable[]> {
  const rows = await db
    .selectFrom('blob')
    .select(['digest', 'size', 'path', 'quarantined_at', 'created_at'])
    .where('digest', '>', last)
    .orderBy('digest')
    .limit(pageSize)
    .execute();
  return rows.map(({ digest, size, path, quarantined_at, created_at }) => ({
    digest: digest as Digest,
    size,
    path,
    quarantined: quarantined_at !== null,
    createdAt: created_at,
  }));
}

export async function sumBlobs(db: Reader): Promise<{ readonly blobs: number; readonly bytes: number }> {
  return db
    .selectFrom('blob')
    .select((eb) => [
      eb.fn.countAll<number>().as('blobs'),
      eb.fn.coalesce(eb.fn.sum<number>('size'), eb.lit(0)).as('bytes'),
    ])
    .executeTakeFirstOrThrow();
}

/**
 * From now on the blob does not exist, until its bytes are pushed again; with `null` it exists again. `false`, and nothing
 * changes, where it is not the one that was looked at: it was collected meanwhile, or its bytes were pushed again.
 */
export async function quarantine(
  trx: Writer,
  { digest, path, quarantined, createdAt }: Verifiable,
  since: number | null,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('blob')
    .set({ quarantined_at: since })
    .where('digest', '=', digest)
    .where('path', '=', path)
    .where('created_at', '=', createdAt)
    .where('quarantined_at', quarantined ? 'is not' : 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The blob that has the file does not exist any more: the file is gone. Whether there was one. */
export async function quarantineFile(trx: Writer, path: string, since: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('blob')
    .set({ quarantined_at: since })
    .where('path', '=', path)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** A blob whose bytes cannot be used, for a report. */
export interface DamagedBlob {
  readonly digest: Digest;
  readonly reason: string;
  /** Some of the repositories that hold it. */
  readonly repositories: readonly string[];
}

const mostHolders = 10;

/** Names of ten repositories at most that hold the blob; a repository that was deleted has none. */
export async function holdersOf(db: Reader, digest: Digest): Promise<string[]> {
  const rows = await db
    .selectFrom('repository_blob')
    .innerJoin('repository', 'repository.id', 'repository_blob.repository_id')
    .select('repository.name')
    .where('repository_blob.digest', '=', digest)
    .where('repository.name', 'is not', null)
    .orderBy('repository.name')
    .limit(mostHolders)
    .execute();
  return rows.map(({ name }) => name!);
}

/** Blobs that no repository holds and that are not to be reviewed, `limit` at most. */
export async function forgottenBlobs(db: Reader, limit: number): Promise<Digest[]> {
  const rows = await db
    .selectFrom('blob')
    .select('digest')
    .where(({ not, exists, selectFrom, and }) =>
      and([
        not(
          exists(
            selectFrom('repository_blob')
              .select('digest')
              .whereRef('repository_blob.digest', '=', 'blob.digest'),
          ),
        ),
        not(
          exists(
            selectFrom('blob_review').select('digest').whereRef('blob_review.digest', '=', 'blob.digest'),
          ),
        ),
        not(exists(selectFrom('upload').select('digest').whereRef('upload.digest', '=', 'blob.digest'))),
      ]),
    )
    .limit(limit)
    .execute();
  return rows.map(({ digest }) => digest as Digest);
}

/**
 * Whether a row accounts for the file. It may be that of a blob, of a session that is about to become a blob, or one
 * that waits for its deletion. It may also be the payload of a manifest where `registry:2` has it, which an import leaves
 * there and an export writes; or an export's copy of a blob that lies elsewhere.
 */
export async function isFileKnown(db: Reader, path: string): Promise<boolean> {
  const digest = blobDigest(path);
  if (digest !== undefined && (await isDigestKnown(db, digest))) return true;
  if (await isBlobFile(db, path)) return true;
  const doomed = await db.selectFrom('deletion').select('path').where('path', '=', path).executeTakeFirst();
  return doomed !== undefined;
}

/** The note of a session goes when the blob comes. */
async function isDigestKnown(db: Reader, digest: Digest): Promise<boolean> {
  return (await isDigestNoted(db, digest)) || (await isPayload(db, digest)) || (await hasBlob(db, digest));
}

/** Whether any repository has such a manifest: a file where a blob of that digest would lie is its payload then. */
async function isPayload(db: Reader, digest: Digest): Promise<boolean> {
  const row = await db
    .selectFrom('manifest')
    .select('digest')
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row !== undefined;
}

/** Wherever its bytes lie. */
async function hasBlob(db: Reader, digest: Digest): Promise<boolean> {
  const row = await db.selectFrom('blob').select('digest').where('digest', '=', digest).executeTakeFirst();
  return row !== undefined;
}
