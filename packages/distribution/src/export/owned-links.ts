import type { Digest, RepositoryName, Tag } from '@berth/protocol';
import type { Found } from '../import/tree.ts';
import { layerFolder, revisionFolder, tagFolder, tagIndexFolder } from '../layout.ts';

/** A link of the tree, and the folder that goes with it. */
export type OwnedLink = {
  readonly repository: RepositoryName;
  readonly path: string;
  readonly folder: string;
} & (
  | { readonly kind: 'layer' | 'revision'; readonly digest: Digest }
  | { readonly kind: 'tag'; readonly tag: Tag }
  | { readonly kind: 'index'; readonly tag: Tag; readonly digest: Digest }
);

/** `undefined` for a file that is no link, or one that Berth can say nothing about. */
export function ownedLink(found: Found, path: string): OwnedLink | undefined {
  if (found.kind === 'index') {
    const { kind, repository, tag, digest } = found;
    return { kind, repository, path, tag, digest, folder: tagIndexFolder(repository, tag, digest) };
  }
  if (found.kind !== 'link') return undefined;
  const { repository, kind, name } = found.link;
  const tag = name as Tag;
  const digest = name as Digest;
  switch (kind) {
    case 'layer':
      return { kind, repository, path, digest, folder: layerFolder(repository, digest) };
    case 'revision':
      return { kind, repository, path, digest, folder: revisionFolder(repository, digest) };
    case 'tag':
      return { kind, repository, path, tag, folder: tagFolder(repository, tag) };
  }
}

export const digestsOf = (links: readonly OwnedLink[], kind: 'layer' | 'revision' | 'index'): Digest[] =>
  links.flatMap((link) => (link.kind === kind ? [link.digest] : []));

export const tagsOf = (links: readonly OwnedLink[]): Tag[] => [
  ...new Set(links.flatMap((link) => ('tag' in link ? [link.tag] : []))),
];
