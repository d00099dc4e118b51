import type { Digest, Reference } from '@berth/protocol';
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
  const references = [
    ...manifest.blobs.map((target) => ({ kind: 'blob' as const, target })),
    ...manifest.manifests.map(({ digest }) => ({ kind: 'manifest' as const, target: digest })),
  ];
  for (const reference of references) {
    await trx
      .insertInto('manifest_reference')
      .values({ repository_id: repositoryId, manifest: digest, ...reference })
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
  const missing: Digest[] = [];
  for (const digest of digests) {
    const row = await trx
      .selectFrom(kind)
      .select('digest')
      .where('repository_id', '=', repositoryId)
      .where('digest', '=', digest)
      .executeTakeFirst();
    if (row === undefined) missing.push(digest);
  }
  return missing;
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
