import type { Digest } from '@berth/protocol';
import { sql } from 'kysely';
import type { Page } from './repositories.ts';
import type { Reader } from './schema/tables.ts';

/** A manifest that names another one as its subject. */
export interface Referrer {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  /** In bytes. */
  readonly size: number;
}

export interface ReferrersQuery {
  readonly repository: string;
  readonly subject: Digest;
  readonly artifactType?: string | undefined;
  readonly page: Page;
}

/** In the order of their digests. */
export async function listReferrers(
  db: Reader,
  { repository, subject, artifactType, page }: ReferrersQuery,
): Promise<Referrer[]> {
  let query = db
    .selectFrom('repository')
    .innerJoin('manifest', 'manifest.repository_id', 'repository.id')
    .select(['digest', 'media_type', 'artifact_type', 'annotations', sql<number>`length(payload)`.as('size')])
    .where('repository.name', '=', repository)
    .where('subject', '=', subject)
    .where('digest', '>', page.last ?? '')
    .orderBy('digest')
    .limit(page.count);
  if (artifactType !== undefined) query = query.where('artifact_type', '=', artifactType);
  const rows = await query.execute();
  return rows.map((row) => ({
    digest: row.digest as Digest,
    mediaType: row.media_type,
    artifactType: row.artifact_type ?? undefined,
    annotations: row.annotations === null ? undefined : JSON.parse(row.annotations),
    size: row.size,
  }));
}
