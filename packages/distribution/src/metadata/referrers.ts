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

export interface ReferrersPage {
  readonly items: readonly Referrer[];
  /** Whether others follow. */
  readonly more: boolean;
}

/** A client takes an index of 4 MiB; one referrer alone may be as large as its manifest. */
const mostBytes = 4 * 1024 * 1024;

/** What a descriptor takes without its annotations and artifact type, in bytes. */
const bareDescriptor = 400;

/** In the order of their digests; the page ends early where annotations or artifact types are large. */
export async function listReferrers(db: Reader, query: ReferrersQuery): Promise<ReferrersPage> {
  const found = await findDigests(db, query);
  let bytes = 0;
  const fitting = found.slice(0, query.page.count).filter(({ textBytes }, index) => {
    bytes += bareDescriptor + textBytes;
    return index === 0 || bytes <= mostBytes;
  });
  const digests = fitting.map(({ digest }) => digest);
  return { items: await describe(db, query.repository, digests), more: found.length > fitting.length };
}

/** Of what its pusher chose, as JSON: annotations are kept as such. */
const textBytes = sql<number>`
  coalesce(octet_length(annotations), 0) + coalesce(octet_length(json_quote(artifact_type)), 0)`;

/** One more than the page holds. */
function findDigests(db: Reader, { repository, subject, artifactType, page }: ReferrersQuery) {
  return db
    .selectFrom('repository')
    .innerJoin('manifest', 'manifest.repository_id', 'repository.id')
    .select(['digest', textBytes.as('textBytes')])
    .where('repository.name', '=', repository)
    .where('subject', '=', subject)
    .where('digest', '>', page.last ?? '')
    .$if(artifactType !== undefined, (query) => query.where('artifact_type', '=', artifactType!))
    .orderBy('digest')
    .limit(page.count + 1)
    .execute();
}

async function describe(db: Reader, repository: string, digests: readonly string[]): Promise<Referrer[]> {
  if (digests.length === 0) return [];
  const rows = await db
    .selectFrom('repository')
    .innerJoin('manifest', 'manifest.repository_id', 'repository.id')
    .select(['digest', 'media_type', 'artifact_type', 'annotations', sql<number>`length(payload)`.as('size')])
    .where('repository.name', '=', repository)
    .where('digest', 'in', digests)
    .orderBy('digest')
    .execute();
  return rows.map((row) => ({
    digest: row.digest as Digest,
    mediaType: row.media_type,
    artifactType: row.artifact_type ?? undefined,
    annotations: row.annotations === null ? undefined : JSON.parse(row.annotations),
    size: row.size,
  }));
}
