import type { Digest } from '@berth/protocol';
import type { Reader } from '../metadata/schema/tables.ts';

/** All that one repository has, as names of content. */
export interface RepositoryContents {
  readonly repositoryId: number;
  /** Nobody finds it any more, and all of it goes. */
  readonly deleted: boolean;
  readonly manifests: readonly ManifestFacts[];
  readonly references: readonly ReferenceFacts[];
  /** What its tags name. */
  readonly tagged: ReadonlySet<Digest>;
  /** The blobs that it holds. */
  readonly links: readonly LinkFacts[];
  /** Referrers whose subject was deleted, to be looked at. */
  readonly reviewed: readonly Digest[];
}

export interface ManifestFacts {
  readonly digest: Digest;
  readonly subject: Digest | null;
  /** Milliseconds since 1970. */
  readonly putAt: number;
}

export interface ReferenceFacts {
  readonly manifest: Digest;
  readonly kind: 'blob' | 'manifest';
  readonly target: Digest;
}

export interface LinkFacts {
  readonly digest: Digest;
  /** `null` where no review is noted. */
  readonly usedAt: number | null;
}

/** Every repository, one at a time, as it is when its turn comes. */
export async function* eachRepository(db: Reader, signal?: AbortSignal): AsyncGenerator<RepositoryContents> {
  for (let last = 0; ;) {
    if (signal?.aborted) return;
    const next = await db
      .selectFrom('repository')
      .select(['id', 'name'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    if (next === undefined) return;
    yield readContents(db, next.id, next.name === null);
    last = next.id;
  }
}

async function readContents(db: Reader, repositoryId: number, deleted: boolean): Promise<RepositoryContents> {
  const manifests = await db
    .selectFrom('manifest')
    .select(['digest', 'subject', 'put_at as putAt'])
    .where('repository_id', '=', repositoryId)
    .execute();
  const references = await db
    .selectFrom('manifest_reference')
    .select(['manifest', 'kind', 'target'])
    .where('repository_id', '=', repositoryId)
    .execute();
  const tags = await db
    .selectFrom('tag')
    .select('digest')
    .where('repository_id', '=', repositoryId)
    .execute();
  const links = await db
    .selectFrom('repository_blob as link')
    .leftJoin('link_review as review', (join) =>
      join
        .onRef('review.repository_id', '=', 'link.repository_id')
        .onRef('review.digest', '=', 'link.digest'),
    )
    .select(['link.digest', 'review.used_at as usedAt'])
    .where('link.repository_id', '=', repositoryId)
    .execute();
  const reviewed = await db
    .selectFrom('manifest_review')
    .select('digest')
    .where('repository_id', '=', repositoryId)
    .execute();
  return {
    repositoryId,
    deleted,
    manifests: manifests as ManifestFacts[],
    references: references as ReferenceFacts[],
    tagged: new Set(tags.map(({ digest }) => digest as Digest)),
    links: links as LinkFacts[],
    reviewed: reviewed.map(({ digest }) => digest as Digest),
  };
}
