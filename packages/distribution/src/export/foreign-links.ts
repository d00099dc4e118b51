import type { Digest, RepositoryName } from '@berth/protocol';
import { foreignReasons } from '../import/skips.ts';
import { readLink } from '../import/small-files.ts';
import type { Work } from '../import/step.ts';
import { linkPath } from '../import/tree.ts';
import type { DatedRepository } from '../metadata/exports.ts';
import { findImport, skipsAt } from '../metadata/imports.ts';
import { digestsOf, tagsOf, type OwnedLink } from './owned-links.ts';

/** Digests of manifests, and tags. */
export type ForeignLinks = ReadonlySet<string>;

/**
 * Manifests that `registry:2` serves and Berth never could, such as Docker schema 1, and the tags that still name them:
 * an export leaves them as the import found them. One that was deleted here with its repository is none of them.
 */
export async function foreignLinks(
  work: Work,
  name: RepositoryName,
  repository: DatedRepository,
  links: readonly OwnedLink[],
): Promise<ForeignLinks> {
  const { reader } = work.context.database;
  const endedAt = (await findImport(reader))?.ended_at ?? 0;
  if (repository.createdAt > endedAt) return new Set();
  const digests = [...digestsOf(links, 'revision'), ...digestsOf(links, 'index')];
  const manifests = await foreignOf(work, name, digests);
  const tagPaths = new Map(
    tagsOf(links).map((tag) => [linkPath({ repository: name, kind: 'tag', name: tag }), tag]),
  );
  const foreign = new Set<string>(manifests);
  for (const { path, reason, detail } of await skipsAt(reader, [...tagPaths.keys()])) {
    if (reason !== 'missing-revision') continue;
    const digest = detail as Digest;
    const named = await readLink(work.context.storage, path, work.options);
    if (named === digest && (await foreignOf(work, name, [digest])).length > 0)
      foreign.add(tagPaths.get(path)!);
  }
  return foreign;
}

async function foreignOf(
  { context }: Work,
  repository: RepositoryName,
  digests: readonly Digest[],
): Promise<Digest[]> {
  const paths = new Map(digests.map((name) => [linkPath({ repository, kind: 'revision', name }), name]));
  const skips = await skipsAt(context.database.reader, [...paths.keys()]);
  return skips.filter(({ reason }) => foreignReasons.includes(reason)).map(({ path }) => paths.get(path)!);
}
