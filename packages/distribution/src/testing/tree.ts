import type { Digest, RepositoryName } from '@berth/protocol';
import type { StorageDriver } from '@berth/storage';
import { blobPath, layerFolder, revisionFolder, tagFolder, tagIndexFolder } from '../layout.ts';
import type { DistributionTables, Reader } from '../metadata/schema/tables.ts';
import { digestOfBytes, type Image } from './content.ts';

/** Replaces the file. */
export async function putFile(
  storage: StorageDriver,
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  await storage.delete(path);
  const writer = await storage.append(path);
  await writer.write(Buffer.from(content));
  await writer.close({ sync: true });
}

export async function readText(storage: StorageDriver, path: string): Promise<string> {
  const copies: Buffer[] = [];
  for await (const chunk of storage.read(path)) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies).toString();
}

/** Writes what a `registry:2` would have written. */
export function treeIn(storage: StorageDriver) {
  const link = (folder: string, content: string) => putFile(storage, `${folder}/link`, content);
  const blob = async (content: string | Uint8Array) => {
    const digest = digestOfBytes(content);
    await putFile(storage, blobPath(digest), content);
    return digest;
  };
  return {
    blob,
    link,
    async layer(repository: RepositoryName, content: string): Promise<Digest> {
      const digest = await blob(content);
      await link(layerFolder(repository, digest), digest);
      return digest;
    },
    async manifest(repository: RepositoryName, { digest, payload }: Pick<Image, 'digest' | 'payload'>) {
      await blob(payload);
      await link(revisionFolder(repository, digest), digest);
    },
    async tag(repository: RepositoryName, tag: string, digest: Digest): Promise<void> {
      await link(`${tagFolder(repository, tag)}/current`, digest);
      await link(tagIndexFolder(repository, tag, digest), digest);
    },
  };
}

const tables = [
  'repository',
  'blob',
  'repository_blob',
  'manifest',
  'manifest_reference',
  'tag',
  'link_review',
  'import',
  'import_repository',
  'import_link',
  'import_skip',
] as const satisfies readonly (keyof DistributionTables)[];

const withoutTimes = (key: string, value: unknown) => (key.endsWith('_at') ? undefined : value);

/** All rows that an import makes, without their times. */
export async function rowsOf(db: Reader): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of tables) {
    const rows = await db.selectFrom(table).selectAll().execute();
    found[table] = rows.map((row) => JSON.stringify(row, withoutTimes)).sort();
  }
  return found;
}
