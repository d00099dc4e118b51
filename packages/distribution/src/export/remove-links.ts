import type { RepositoryName } from '@berth/protocol';
import { atOnce } from '../import/at-once.ts';
import { classify } from '../import/tree.ts';
import { layersFolder, manifestsFolder, repositoriesFolder } from '../layout.ts';
import { findDated, heldBlobs, heldManifests, heldTags, type DatedRepository } from '../metadata/exports.ts';
import { foreignLinks } from './foreign-links.ts';
import { digestsOf, ownedLink, tagsOf, type OwnedLink } from './owned-links.ts';
import { filesAtOnce, type ExportRun } from './run.ts';

const batchSize = 500;

/**
 * Removes the links of what is gone from Berth, with their folders: a `registry:2` would serve it again. The data of
 * blobs stays, and so do half-finished uploads.
 */
export async function removeLinks(run: ExportRun): Promise<void> {
  const { context, options } = run.work;
  const gone = new Set<RepositoryName>();
  let batch: OwnedLink[] = [];
  let files = 0;
  const flush = async () => {
    for (const [name, links] of Map.groupBy(batch, ({ repository }) => repository)) {
      if (!(await removeFrom(run, name, links))) gone.add(name);
    }
    batch = [];
    run.step({ phase: 'removing', files });
  };
  for await (const path of context.storage.list(repositoriesFolder, options)) {
    const link = ownedLink(classify(path), path);
    if (link !== undefined) batch.push(link);
    files += 1;
    if (batch.length === batchSize) await flush();
  }
  await flush();
  // A folder without links would keep the name in the catalog of `registry:2`.
  await removeFolders(
    run,
    [...gone].flatMap((name) => [layersFolder(name), manifestsFolder(name)]),
  );
}

/** Whether there is such a repository. */
async function removeFrom(
  run: ExportRun,
  name: RepositoryName,
  links: readonly OwnedLink[],
): Promise<boolean> {
  const repository = await findDated(run.work.context.database.reader, name);
  const stale = repository === undefined ? links : await staleOf(run, name, repository, links);
  for (const { path } of stale) run.tally.removed.add(path);
  await removeFolders(run, [...new Set(stale.map(({ folder }) => folder))]);
  return repository !== undefined;
}

async function staleOf(
  { work }: ExportRun,
  name: RepositoryName,
  repository: DatedRepository,
  links: readonly OwnedLink[],
): Promise<OwnedLink[]> {
  const { reader } = work.context.database;
  const manifests = [...digestsOf(links, 'revision'), ...digestsOf(links, 'index')];
  const held = new Set([
    ...(await heldManifests(reader, repository.id, manifests)),
    ...(await heldTags(reader, repository.id, tagsOf(links))),
    ...(await foreignLinks(work, name, repository, links)),
  ]);
  const blobs = await heldBlobs(reader, repository.id, digestsOf(links, 'layer'));
  return links.filter((link) => !isHeld(link, held, blobs));
}

/** Digests and tags cannot be mistaken for each other: a tag has no colon. */
function isHeld(link: OwnedLink, held: ReadonlySet<string>, blobs: ReadonlySet<string>): boolean {
  switch (link.kind) {
    case 'layer':
      return blobs.has(link.digest);
    case 'revision':
      return held.has(link.digest);
    case 'tag':
      return held.has(link.tag);
    case 'index':
      return held.has(link.tag) && held.has(link.digest);
  }
}

async function removeFolders({ work, dryRun }: ExportRun, folders: readonly string[]): Promise<void> {
  if (dryRun) return;
  const { context, options } = work;
  await atOnce(folders, filesAtOnce, (folder) => context.storage.delete(folder, options));
}
