import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openDatabase } from '@berth/database';
import { prepareDistribution, type DistributionTables } from '@berth/distribution';
import { imageManifest, imageType, sha256 } from '../../test/support/registry.ts';
import { contentOf, keptOf, repositoryOf, type Population } from './content.ts';

/** As pushes would have left it, but in seconds. */
export async function fill(folder: string, population: Population): Promise<void> {
  const database = await openDatabase<DistributionTables>(join(folder, 'berth.db'));
  await prepareDistribution(database);
  const ids = new Map<string, number>();
  for (let first = 0; first < population.blobs; first += 1_000) {
    const part = Array.from(
      { length: Math.min(1_000, population.blobs - first) },
      (_, index) => first + index,
    );
    await Promise.all(part.map((index) => writeBlob(folder, index)));
    await database.transaction(async (trx) => {
      for (const index of part) await insertRows(trx, index, ids, index < keptOf(population));
    });
  }
  await database.close();
}

function pathOf(index: number): string {
  const hex = createHash('sha256').update(contentOf(index)).digest('hex');
  return `docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
}

async function writeBlob(folder: string, index: number): Promise<void> {
  const file = join(folder, pathOf(index));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, contentOf(index));
}

type Transaction = Parameters<
  Parameters<Awaited<ReturnType<typeof openDatabase<DistributionTables>>>['transaction']>[0]
>[0];

async function insertRows(
  trx: Transaction,
  index: number,
  ids: Map<string, number>,
  kept: boolean,
): Promise<void> {
  const content = contentOf(index);
  const digest = sha256(content);
  const time = { created_at: 1 };
  const repository_id = await repositoryId(trx, repositoryOf(index), ids);
  const blob = { digest, size: content.length, path: pathOf(index), quarantined_at: null, ...time };
  await trx.insertInto('blob').values(blob).execute();
  await trx
    .insertInto('repository_blob')
    .values({ repository_id, digest, ...time })
    .execute();
  if (!kept) {
    await trx.insertInto('link_review').values({ repository_id, digest, due_at: 9e15, used_at: 1 }).execute();
    return;
  }
  const payload = imageManifest(content, []);
  const manifest = sha256(payload);
  await trx
    .insertInto('manifest')
    .values({
      repository_id,
      digest: manifest,
      media_type: imageType,
      artifact_type: null,
      payload: Buffer.from(payload),
      subject: null,
      annotations: null,
      created_at: 1,
      created_by: 'somebody',
      put_at: 1,
    })
    .execute();
  await trx
    .insertInto('manifest_reference')
    .values({ repository_id, manifest, kind: 'blob', target: digest })
    .execute();
  const tag = { repository_id, name: `v${index}`, digest: manifest, updated_at: 1, updated_by: 'somebody' };
  await trx.insertInto('tag').values(tag).execute();
}

async function repositoryId(trx: Transaction, name: string, ids: Map<string, number>): Promise<number> {
  const known = ids.get(name);
  if (known !== undefined) return known;
  const parent = dirname(name);
  const { id } = await trx
    .insertInto('repository')
    .values({ name, parent, visibility: 'private', immutable_tags: '[]', description: '', created_at: 1 })
    .returning('id')
    .executeTakeFirstOrThrow();
  ids.set(name, id);
  return id;
}
