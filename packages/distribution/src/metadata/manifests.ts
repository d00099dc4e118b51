import { compiledOnce } from '@berth/database';
import type { Digest, Reference, Tag } from '@berth/protocol';
import { sql } from 'kysely';
import type { Manifest } from '../manifest.ts';
import { endManifestReview } from './reviews.ts';
import type { ManifestTable } from './schema/manifest.ts';
import type { Reader, Writer } from './schema/tables.ts';

/** A manifest as it is served. */
export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly payload: Uint8Array;
}

const manifestsOf = (db: Reader, repository: string) =>
  db
    .selectFrom('repository')
    .innerJoin('manifest', 'manifest.repository_id', 'repository.id')
    .select(['manifest.digest', 'manifest.media_type', 'manifest.payload'])
    .where('repository.name', '=', repository);

const manifestByDigest = compiledOnce((db: Reader, named: { repository: string; digest: Digest }) =>
  manifestsOf(db, named.repository).where('manifest.digest', '=', named.digest),
);

const manifestByTag = compiledOnce((db: Reader, { repository, tag }: { repository: string; tag: Tag }) =>
  manifestsOf(db, repository)
    .innerJoin('tag', (join) =>
      join
        .onRef('tag.repository_id', '=', 'manifest.repository_id')
        .onRef('tag.digest', '=', 'manifest.digest'),
    )
    .where('tag.name', '=', tag),
);

/** By tag or digest, in one query: the hottest of all. */
export async function findManifest(
  db: Reader,
  repository: string,
  reference: Reference,
): Promise<StoredManifest | undefined> {
  const { rows } =
    reference.kind === 'digest'
      ? await manifestByDigest(db, { repository, digest: reference.digest })
      : await manifestByTag(db, { repository, tag: reference.tag });
  const [row] = rows;
  return row && { digest: row.digest as Digest, mediaType: row.media_type, payload: row.payload };
}

/** A manifest as people look at it. */
export interface DetailedManifest extends StoredManifest {
  readonly artifactType: string | undefined;
  readonly subject: Digest | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly createdAt: number;
  readonly createdBy: string;
}

export async function findDetails(
  db: Reader,
  repositoryId: number,
  digest: Digest,
): Promise<DetailedManifest | undefined> {
  const row = await db
    .selectFrom('manifest')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', digest)
    .executeTakeFirst();
  return (
    row && {
      digest,
      mediaType: row.media_type,
      payload: row.payload,
      artifactType: row.artifact_type ?? undefined,
      subject: (row.subject as Digest | null) ?? undefined,
      annotations: row.annotations === null ? undefined : JSON.parse(row.annotations),
      createdAt: row.created_at,
      createdBy: row.created_by,
    }
  );
}

export interface NewManifest {
  readonly repositoryId: number;
  readonly digest: Digest;
  readonly payload: Uint8Array;
  readonly manifest: Manifest;
  readonly createdAt: number;
  readonly createdBy: string;
}

const newManifest = compiledOnce((trx: Writer, row: ManifestTable) =>
  trx.insertInto('manifest').values({
    repository_id: row.repository_id,
    digest: row.digest,
    media_type: row.media_type,
    artifact_type: row.artifact_type,
    payload: row.payload,
    subject: row.subject,
    annotations: row.annotations,
    created_at: row.created_at,
    created_by: row.created_by,
    put_at: row.put_at,
  }),
);

/**
 * Whether it is new. Where the repository has it already, only the time of its last put changes: it is as if it came now,
 * and goes with nothing.
 */
export async function insertManifest(trx: Writer, added: NewManifest): Promise<boolean> {
  const { repositoryId, digest, manifest } = added;
  if (await touchManifest(trx, added)) {
    await endManifestReview(trx, { repositoryId, digest });
    return false;
  }
  await newManifest(trx, {
    repository_id: repositoryId,
    digest,
    media_type: manifest.mediaType,
    artifact_type: manifest.artifactType ?? null,
    payload: added.payload,
    subject: manifest.subject ?? null,
    annotations: manifest.annotations === undefined ? null : JSON.stringify(manifest.annotations),
    created_at: added.createdAt,
    created_by: added.createdBy,
    put_at: added.createdAt,
  });
  const row = { repository_id: repositoryId, manifest: digest };
  const references = [
    ...[...manifest.blobs, ...manifest.foreignBlobs].map((target) => ({
      ...row,
      kind: 'blob' as const,
      target,
    })),
    ...manifest.manifests.map((child) => ({ ...row, kind: 'manifest' as const, target: child.digest })),
  ];
  for (const chunk of chunksOf(references)) {
    await trx
      .insertInto('manifest_reference')
      .values(chunk)
      .onConflict((conflict) => conflict.columns(['repository_id', 'manifest', 'target']).doNothing())
      .execute();
  }
  return true;
}

const touch = compiledOnce((trx: Writer, put: Pick<NewManifest, 'repositoryId' | 'digest' | 'createdAt'>) =>
  trx
    .updateTable('manifest')
    .set({ put_at: put.createdAt })
    .where('repository_id', '=', put.repositoryId)
    .where('digest', '=', put.digest),
);

/** Whether the repository has it. */
async function touchManifest(
  trx: Writer,
  { repositoryId, digest, createdAt }: NewManifest,
): Promise<boolean> {
  return (await touch(trx, { repositoryId, digest, createdAt })).changed > 0;
}

/** Those of `digests` that the repository does not hold as manifests. */
export function missingManifests(trx: Reader, repositoryId: number, digests: readonly Digest[]) {
  return missingOf(digests, (chunk) =>
    trx
      .selectFrom('manifest')
      .select('digest')
      .where('repository_id', '=', repositoryId)
      .where('digest', 'in', chunk)
      .execute(),
  );
}

/** Those of `digests` that the repository does not hold as blobs; one in quarantine is not there. */
export function missingBlobs(trx: Reader, repositoryId: number, digests: readonly Digest[]) {
  return missingOf(digests, (chunk) =>
    trx
      .selectFrom('repository_blob')
      .innerJoin('blob', 'blob.digest', 'repository_blob.digest')
      .select('blob.digest')
      .where('repository_blob.repository_id', '=', repositoryId)
      .where('repository_blob.digest', 'in', chunk)
      .where('blob.quarantined_at', 'is', null)
      .execute(),
  );
}

async function missingOf(
  digests: readonly Digest[],
  find: (chunk: readonly Digest[]) => Promise<{ digest: string }[]>,
): Promise<Digest[]> {
  const held = new Set<string>();
  for (const chunk of chunksOf(digests)) for (const { digest } of await find(chunk)) held.add(digest);
  return digests.filter((digest) => !held.has(digest));
}

/** Rows of one statement: databases limit its parameters. */
const rowsAtOnce = 500;

function chunksOf<Row>(rows: readonly Row[]): Row[][] {
  return Array.from({ length: Math.ceil(rows.length / rowsAtOnce) }, (_, index) =>
    rows.slice(index * rowsAtOnce, (index + 1) * rowsAtOnce),
  );
}

/** The tags of a manifest, and of every index that holds it, at whatever depth. */
export async function tagsAbove(trx: Reader, repositoryId: number, digest: Digest): Promise<Tag[]> {
  const rows = await trx
    .withRecursive('above(digest)', (db) =>
      db
        .selectNoFrom(sql<string>`${digest}`.as('digest'))
        .union(
          db
            .selectFrom('above')
            .innerJoin('manifest_reference', 'manifest_reference.target', 'above.digest')
            .where('manifest_reference.repository_id', '=', repositoryId)
            .where('manifest_reference.kind', '=', 'manifest')
            .select('manifest_reference.manifest as digest'),
        ),
    )
    .selectFrom('above')
    .innerJoin('tag', 'tag.digest', 'above.digest')
    .where('tag.repository_id', '=', repositoryId)
    .select('tag.name')
    .execute();
  return rows.map(({ name }) => name as Tag);
}

/** Whether something of the repository needs the referrer: its subject, a tag, or an index. */
export async function isManifestHeld(
  db: Reader,
  { repositoryId, digest }: { readonly repositoryId: number; readonly digest: Digest },
): Promise<boolean> {
  const row = await db
    .selectFrom('manifest as referrer')
    .select('referrer.digest')
    .where('referrer.repository_id', '=', repositoryId)
    .where('referrer.digest', '=', digest)
    .where(({ exists, or, selectFrom }) =>
      or([
        exists(
          selectFrom('manifest as subject')
            .select('subject.digest')
            .where('subject.repository_id', '=', repositoryId)
            .whereRef('subject.digest', '=', 'referrer.subject'),
        ),
        exists(
          selectFrom('tag')
            .select('tag.name')
            .where('tag.repository_id', '=', repositoryId)
            .where('tag.digest', '=', digest),
        ),
        exists(
          selectFrom('manifest_reference as index')
            .select('index.manifest')
            .where('index.repository_id', '=', repositoryId)
            .where('index.target', '=', digest)
            .where('index.kind', '=', 'manifest'),
        ),
      ]),
    )
    .executeTakeFirst();
  return row !== undefined;
}

/** With its tags. Whether there was one. {@link reviewPartsOf} comes before it. */
export async function deleteManifest(trx: Writer, repositoryId: number, digest: Digest): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('manifest')
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', digest)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** With their tags. Answers how many, `limit` at most. */
export async function deleteSomeManifests(trx: Writer, repositoryId: number, limit: number): Promise<number> {
  const some = trx
    .selectFrom('manifest')
    .select('digest')
    .where('repository_id', '=', repositoryId)
    .limit(limit);
  const { numDeletedRows } = await trx
    .deleteFrom('manifest')
    .where('repository_id', '=', repositoryId)
    .where('digest', 'in', some)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
