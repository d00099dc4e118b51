import type { Digest, Reference, Tag } from '@berth/protocol';
import { sql } from 'kysely';
import type { Manifest } from '../manifest.ts';
import type { Reader, Writer } from './schema/tables.ts';

/** A manifest as it is served. */
export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly payload: Uint8Array;
}

/** By tag or digest, in one query: the hottest of all. */
export async function findManifest(
  db: Reader,
  repository: string,
  reference: Reference,
): Promise<StoredManifest | undefined> {
  const manifests = db
    .selectFrom('repository')
    .innerJoin('manifest', 'manifest.repository_id', 'repository.id')
    .select(['manifest.digest', 'manifest.media_type', 'manifest.payload'])
    .where('repository.name', '=', repository);
  const row =
    reference.kind === 'digest'
      ? await manifests.where('manifest.digest', '=', reference.digest).executeTakeFirst()
      : await manifests
          .innerJoin('tag', (join) =>
            join
              .onRef('tag.repository_id', '=', 'manifest.repository_id')
              .onRef('tag.digest', '=', 'manifest.digest'),
          )
          .where('tag.name', '=', reference.tag)
          .executeTakeFirst();
  return row && { digest: row.digest as Digest, mediaType: row.media_type, payload: row.payload };
}

export interface NewManifest {
  readonly repositoryId: number;
  readonly digest: Digest;
  readonly payload: Uint8Array;
  readonly manifest: Manifest;
  readonly createdAt: number;
  readonly createdBy: string;
}

/** Nothing changes where the repository has it already. */
export async function insertManifest(trx: Writer, added: NewManifest): Promise<void> {
  const { repositoryId, digest, manifest } = added;
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('manifest')
    .values({
      repository_id: repositoryId,
      digest,
      media_type: manifest.mediaType,
      artifact_type: manifest.artifactType ?? null,
      payload: added.payload,
      subject: manifest.subject ?? null,
      annotations: manifest.annotations === undefined ? null : JSON.stringify(manifest.annotations),
      created_at: added.createdAt,
      created_by: added.createdBy,
    })
    .onConflict((conflict) => conflict.columns(['repository_id', 'digest']).doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) return;
  const row = { repository_id: repositoryId, manifest: digest };
  const references = [
    ...manifest.blobs.map((target) => ({ ...row, kind: 'blob' as const, target })),
    ...manifest.manifests.map((child) => ({ ...row, kind: 'manifest' as const, target: child.digest })),
  ];
  for (const chunk of chunksOf(references)) {
    await trx
      .insertInto('manifest_reference')
      .values(chunk)
      .onConflict((conflict) => conflict.columns(['repository_id', 'manifest', 'target']).doNothing())
      .execute();
  }
}

/** Those of `digests` that the repository does not hold, as blobs or as manifests. */
export async function missingOf(
  trx: Reader,
  repositoryId: number,
  kind: 'repository_blob' | 'manifest',
  digests: readonly Digest[],
): Promise<Digest[]> {
  const held = new Set<string>();
  for (const chunk of chunksOf(digests)) {
    const rows = await trx
      .selectFrom(kind)
      .select('digest')
      .where('repository_id', '=', repositoryId)
      .where('digest', 'in', chunk)
      .execute();
    for (const { digest } of rows) held.add(digest);
  }
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

/** With its tags. Whether there was one. */
export async function deleteManifest(trx: Writer, repositoryId: number, digest: Digest): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('manifest')
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', digest)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
