import { compiledOnce } from '@berth/database';
import type { Digest } from '@berth/protocol';
import { sql } from 'kysely';
import type { Reader, Writer } from './schema/tables.ts';

/**
 * The queues of what may be an orphan. Whoever makes a change that can orphan something calls one of the first
 * functions in its transaction; the collector calls the others.
 */

/** When something is due that has waited for long enough already. */
export const atOnce = 0;

interface UsedLink extends Held {
  readonly now: number;
  readonly dueAt: number;
}

const usedLink = compiledOnce((trx: Writer, { repositoryId, digest, now, dueAt }: UsedLink) => {
  const times = { due_at: dueAt, used_at: now };
  return trx
    .insertInto('link_review')
    .values({ repository_id: repositoryId, digest, ...times })
    .onConflict((conflict) => conflict.columns(['repository_id', 'digest']).doUpdateSet(times));
});

/** A push sent the blob, or mounted it, or asked whether it is there: no manifest may name it for a while. */
export async function reviewUsedLink(
  trx: Writer,
  repositoryId: number,
  digest: Digest,
  { now, dueAt }: { readonly now: number; readonly dueAt: number },
): Promise<void> {
  await usedLink(trx, { repositoryId, digest, now, dueAt });
}

/**
 * To be called before the manifest is deleted, since its blobs and its referrers lose what holds them. A blob that a push
 * used after the manifest was put is waiting for another manifest, and keeps the time of that use.
 */
export async function reviewPartsOf(
  trx: Writer,
  repositoryId: number,
  manifest: Digest,
  dueAt: number,
): Promise<void> {
  const put = await trx
    .selectFrom('manifest')
    .select('put_at')
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', manifest)
    .executeTakeFirst();
  if (put === undefined) return;
  const blobs = trx
    .selectFrom('manifest_reference')
    .innerJoin('repository_blob', (join) =>
      join
        .onRef('repository_blob.repository_id', '=', 'manifest_reference.repository_id')
        .onRef('repository_blob.digest', '=', 'manifest_reference.target'),
    )
    .where('manifest_reference.repository_id', '=', repositoryId)
    .where('manifest_reference.manifest', '=', manifest)
    .where('manifest_reference.kind', '=', 'blob')
    .select([
      'manifest_reference.repository_id',
      'manifest_reference.target as digest',
      sql<number>`${dueAt}`.as('due_at'),
      sql<number>`0`.as('used_at'),
    ]);
  await trx
    .insertInto('link_review')
    .columns(['repository_id', 'digest', 'due_at', 'used_at'])
    .expression(blobs)
    .onConflict((conflict) =>
      conflict.columns(['repository_id', 'digest']).doUpdateSet((eb) => {
        const since = eb('link_review.used_at', '>', put.put_at);
        const later = eb.and([since, eb('link_review.due_at', '>', dueAt)]);
        return {
          due_at: eb.case().when(later).then(eb.ref('link_review.due_at')).else(dueAt).end(),
          used_at: eb.case().when(since).then(eb.ref('link_review.used_at')).else(0).end(),
        };
      }),
    )
    .execute();
  const referrers = trx
    .selectFrom('manifest')
    .where('repository_id', '=', repositoryId)
    .where('subject', '=', manifest)
    .select(['repository_id', 'digest', sql<number>`${dueAt}`.as('due_at')]);
  await trx
    .insertInto('manifest_review')
    .columns(['repository_id', 'digest', 'due_at'])
    .expression(referrers)
    .onConflict((conflict) => conflict.columns(['repository_id', 'digest']).doUpdateSet({ due_at: dueAt }))
    .execute();
}

/** A repository holds the blob no longer; nothing happens where there is no such blob. */
export async function reviewBlob(trx: Writer, digest: Digest, dueAt: number): Promise<void> {
  await trx
    .insertInto('blob_review')
    .columns(['digest', 'due_at'])
    .expression(
      trx
        .selectFrom('blob')
        .where('digest', '=', digest)
        .select(['digest', sql<number>`${dueAt}`.as('due_at')]),
    )
    .onConflict((conflict) => conflict.column('digest').doUpdateSet({ due_at: dueAt }))
    .execute();
}

/** What is due. Times are milliseconds since 1970. */
export interface Due {
  readonly before: number;
  /** Blobs that a push used later than this are left alone. */
  readonly usedBefore: number;
}

export interface Held {
  readonly repositoryId: number;
  readonly digest: Digest;
}

export async function dueManifests(trx: Writer, { before }: Due, limit: number): Promise<Held[]> {
  const rows = await trx
    .selectFrom('manifest_review')
    .select(['repository_id', 'digest'])
    .where('due_at', '<=', before)
    .orderBy('due_at')
    .limit(limit)
    .execute();
  return rows.map(toHeld);
}

export async function dueLinks(trx: Writer, { before, usedBefore }: Due, limit: number): Promise<Held[]> {
  const rows = await trx
    .selectFrom('link_review')
    .select(['repository_id', 'digest'])
    .where('due_at', '<=', before)
    .where('used_at', '<=', usedBefore)
    .orderBy('due_at')
    .limit(limit)
    .execute();
  return rows.map(toHeld);
}

export async function dueBlobs(trx: Writer, { before }: Due, limit: number): Promise<Digest[]> {
  const rows = await trx
    .selectFrom('blob_review')
    .select('digest')
    .where('due_at', '<=', before)
    .orderBy('due_at')
    .limit(limit)
    .execute();
  return rows.map(({ digest }) => digest as Digest);
}

export async function endManifestReview(trx: Writer, { repositoryId, digest }: Held): Promise<void> {
  await trx
    .deleteFrom('manifest_review')
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', digest)
    .execute();
}

export async function endLinkReview(trx: Writer, { repositoryId, digest }: Held): Promise<void> {
  await trx
    .deleteFrom('link_review')
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', digest)
    .execute();
}

export async function endBlobReview(trx: Writer, digest: Digest): Promise<void> {
  await trx.deleteFrom('blob_review').where('digest', '=', digest).execute();
}

/** Blobs to be reviewed that no manifest of their repository names, and that a push used later than `usedBefore`. */
export async function countRecent(db: Reader, usedBefore: number): Promise<number> {
  const { count } = await db
    .selectFrom('link_review')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('used_at', '>', usedBefore)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('manifest_reference')
            .select('manifest')
            .whereRef('manifest_reference.repository_id', '=', 'link_review.repository_id')
            .whereRef('manifest_reference.target', '=', 'link_review.digest')
            .where('manifest_reference.kind', '=', 'blob'),
        ),
      ),
    )
    .executeTakeFirstOrThrow();
  return count;
}

/** Blobs to be reviewed that no repository holds. */
export async function unheldBlobs(db: Reader): Promise<Digest[]> {
  const rows = await db
    .selectFrom('blob_review')
    .select('digest')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('repository_blob')
            .select('repository_id')
            .whereRef('repository_blob.digest', '=', 'blob_review.digest'),
        ),
      ),
    )
    .execute();
  return rows.map(({ digest }) => digest as Digest);
}

export interface Queues {
  readonly manifests: number;
  readonly links: number;
  readonly blobs: number;
  readonly deletions: number;
}

/** Rows of each queue; with `dueBefore`, those that are due by then. Milliseconds since 1970. */
export async function countQueues(db: Reader, dueBefore = Number.MAX_SAFE_INTEGER): Promise<Queues> {
  const count = async (table: 'manifest_review' | 'link_review' | 'blob_review' | 'deletion') => {
    const row = await db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('due_at', '<=', dueBefore)
      .executeTakeFirstOrThrow();
    return row.count;
  };
  return {
    manifests: await count('manifest_review'),
    links: await count('link_review'),
    blobs: await count('blob_review'),
    deletions: await count('deletion'),
  };
}

function toHeld(row: { repository_id: number; digest: string }): Held {
  return { repositoryId: row.repository_id, digest: row.digest as Digest };
}
