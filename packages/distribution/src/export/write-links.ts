import { randomUUID } from 'node:crypto';
import type { Digest, RepositoryName } from '@berth/protocol';
import { atOnce } from '../import/at-once.ts';
import { longestLink, readSmall } from '../import/small-files.ts';
import { blobPath, layerFolder, revisionFolder, tagFolder, tagIndexFolder, uploadPath } from '../layout.ts';
import {
  pageOfLinks,
  pageOfManifests,
  pageOfRepositories,
  payloadOf,
  type After,
  type ManifestSize,
  type NamedRepository,
} from '../metadata/exports.ts';
import { listTags, type TagRow } from '../metadata/tags.ts';
import { writeWhole, type Produce } from '../stores/whole-file.ts';
import { filesAtOnce, type ExportRun } from './run.ts';

/** Rows of one page: what is in memory together. */
const pageSize = 500;

/** Writes the links of all that Berth has, and the payloads of manifests, where they are not there already. */
export async function writeLinks(run: ExportRun): Promise<void> {
  const { reader } = run.work.context.database;
  const repositories = (after: After) => pageOfRepositories(reader, after);
  for await (const page of pagesOf(repositories, ({ name }) => name)) {
    for (const repository of page) await writeRepository(run, repository);
  }
}

async function writeRepository(run: ExportRun, { id, name }: NamedRepository): Promise<void> {
  const { reader } = run.work.context.database;
  run.tally.repositories += 1;
  const layers = (after: After) => pageOfLinks(reader, id, after);
  for await (const page of pagesOf(layers, (digest) => digest)) {
    await each(run, name, page, (digest) => writeLayer(run, name, digest));
  }
  const manifests = (after: After) => pageOfManifests(reader, id, after);
  for await (const page of pagesOf(manifests, ({ digest }) => digest)) {
    await each(run, name, page, (manifest) => writeManifest(run, { id, name }, manifest));
  }
  const tags = (after: After) => listTags(reader, id, after);
  for await (const page of pagesOf(tags, (tag) => tag.name)) {
    await each(run, name, page, (tag) => writeTag(run, name, tag));
  }
}

async function* pagesOf<Row>(
  find: (after: After) => Promise<Row[]>,
  keyOf: (row: Row) => string,
): AsyncGenerator<readonly Row[]> {
  for (let last: string | undefined = ''; last !== undefined;) {
    const page: Row[] = await find({ last, count: pageSize });
    const end: Row | undefined = page.at(-1);
    last = end && keyOf(end);
    if (page.length > 0) yield page;
  }
}

async function each<Row>(
  run: ExportRun,
  repository: RepositoryName,
  rows: readonly Row[],
  write: (row: Row) => Promise<void>,
): Promise<void> {
  await atOnce(rows, filesAtOnce, write);
  const { blobs, manifests, tags } = run.tally;
  run.step({ phase: 'writing', files: blobs + manifests + tags, repository });
}

async function writeLayer(run: ExportRun, name: RepositoryName, digest: Digest): Promise<void> {
  if (isLeftOut(run, digest, `blob ${digest} of ${name}`)) return;
  await writeLink(run, layerFolder(name, digest), digest);
  run.tally.blobs += 1;
}

async function writeManifest(
  run: ExportRun,
  { id, name }: NamedRepository,
  { digest, size }: ManifestSize,
): Promise<void> {
  if (isLeftOut(run, digest, `manifest ${digest} of ${name}`)) return;
  await writePayload(run, id, digest, size);
  await writeLink(run, revisionFolder(name, digest), digest);
  run.tally.manifests += 1;
}

async function writeTag(run: ExportRun, name: RepositoryName, tag: TagRow): Promise<void> {
  const { digest } = tag;
  if (isLeftOut(run, digest, `tag ${tag.name} of ${name}`)) return;
  await writeLink(run, tagIndexFolder(name, tag.name, digest), digest);
  await writeLink(run, `${tagFolder(name, tag.name)}/current`, digest);
  run.tally.tags += 1;
}

function isLeftOut({ tally }: ExportRun, digest: Digest, what: string): boolean {
  const sha512 = digest.startsWith('sha512:');
  if (sha512) tally.skip('sha512', what);
  return sha512;
}

/** A file of this size is taken for right: it was verified by an import, or written here whole. */
async function writePayload(
  run: ExportRun,
  repositoryId: number,
  digest: Digest,
  size: number,
): Promise<void> {
  const { context, options } = run.work;
  const path = blobPath(digest);
  const stat = await context.storage.stat(path, options);
  if (stat?.size === size) return;
  run.tally.written += 1;
  if (run.dryRun) return;
  const payload = await payloadOf(context.database.reader, repositoryId, digest);
  if (payload === undefined) return;
  const content: Produce<true> = async (write) => {
    await write(payload);
    return true;
  };
  await writeWhole(context.storage, { path, part: uploadPath(randomUUID()) }, content, options);
}

/** Not in one step, as 20,000 of them would take a minute of fsync: an export that was cut off is done again. */
async function writeLink(run: ExportRun, folder: string, digest: Digest): Promise<void> {
  const { storage } = run.work.context;
  const path = `${folder}/link`;
  const content = Buffer.from(digest);
  const found = await readSmall(storage, path, longestLink, run.work.options);
  if (typeof found !== 'string' && found.equals(content)) return;
  run.tally.written += 1;
  if (run.dryRun) return;
  if (found !== 'missing') await storage.delete(path, run.work.options);
  const writer = await storage.append(path, run.work.options);
  try {
    await writer.write(content);
  } finally {
    await writer.close({ sync: true });
  }
}
