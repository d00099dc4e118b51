import type { Digest } from '@berth/protocol';
import { sql, type RawBuilder } from 'kysely';
import { listed } from './readable.ts';
import type { Page } from './repositories.ts';
import type { Reader } from './schema/tables.ts';
import { toTag, type TagRow } from './tags.ts';

export interface SizedTag extends TagRow {
  /** Of its manifest with all that this needs, in bytes. */
  readonly size: number;
}

/** In the order of their names' bytes. */
export async function listSizedTags(db: Reader, repositoryId: number, page: Page): Promise<SizedTag[]> {
  const rows = await db
    .selectFrom('tag')
    .selectAll()
    .select(totalSize(db, repositoryId, sql.ref('tag.digest')).as('size'))
    .where('repository_id', '=', repositoryId)
    .where('name', '>', page.last ?? '')
    .orderBy('name')
    .limit(page.count)
    .execute();
  return rows.map((row) => ({ ...toTag(row), size: row.size ?? 0 }));
}

/** In bytes, of those of `digests` that are manifests of the repository. */
export async function totalSizes(
  db: Reader,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<ReadonlyMap<Digest, number>> {
  const rows = await db
    .selectFrom('manifest')
    .select(['digest', totalSize(db, repositoryId, sql.ref('manifest.digest')).as('size')])
    .where('repository_id', '=', repositoryId)
    .where('digest', 'in', listed(digests))
    .execute();
  return new Map(rows.map(({ digest, size }) => [digest as Digest, size ?? 0]));
}

/**
 * A manifest, its config and layers, and for an index the same of its children, each once. What the repository does not
 * hold counts for nothing: the size of a blob would tell that another repository has it.
 */
function totalSize(db: Reader, repositoryId: number, root: RawBuilder<unknown>) {
  return db
    .withRecursive('part(kind, digest)', (parts) =>
      parts
        .selectNoFrom([sql<'blob' | 'manifest'>`'manifest'`.as('kind'), sql<string>`${root}`.as('digest')])
        .union(
          parts
            .selectFrom('part')
            .innerJoin('manifest_reference', 'manifest_reference.manifest', 'part.digest')
            .where('part.kind', '=', 'manifest')
            .where('manifest_reference.repository_id', '=', repositoryId)
            .select(['manifest_reference.kind', 'manifest_reference.target as digest']),
        ),
    )
    .selectFrom('part')
    .select(({ case: choose, fn, selectFrom }) =>
      fn
        .sum<number | null>(
          choose()
            .when('part.kind', '=', 'manifest')
            .then(
              selectFrom('manifest as held')
                .select(sql<number>`length(held.payload)`.as('size'))
                .where('held.repository_id', '=', repositoryId)
                .whereRef('held.digest', '=', 'part.digest'),
            )
            .else(
              selectFrom('repository_blob')
                .innerJoin('blob', 'blob.digest', 'repository_blob.digest')
                .select('blob.size')
                .where('repository_blob.repository_id', '=', repositoryId)
                .whereRef('repository_blob.digest', '=', 'part.digest')
                .where('blob.quarantined_at', 'is', null),
            )
            .end(),
        )
        .as('size'),
    );
}

export interface Contents {
  readonly tags: number;
  readonly manifests: number;
  readonly blobs: number;
  /** Of its blobs, in bytes. */
  readonly size: number;
}

/** What a repository holds. */
export async function contentsOf(db: Reader, repositoryId: number): Promise<Contents> {
  const count = (table: 'tag' | 'manifest') =>
    db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('repository_id', '=', repositoryId)
      .executeTakeFirstOrThrow();
  const blobs = await db
    .selectFrom('repository_blob')
    .innerJoin('blob', 'blob.digest', 'repository_blob.digest')
    .select((eb) => [
      eb.fn.countAll<number>().as('blobs'),
      eb.fn.coalesce(eb.fn.sum<number>('blob.size'), eb.lit(0)).as('size'),
    ])
    .where('repository_id', '=', repositoryId)
    .executeTakeFirstOrThrow();
  const [tags, manifests] = [await count('tag'), await count('manifest')];
  return { tags: tags.count, manifests: manifests.count, ...blobs };
}
