import {
  isDigest,
  isRepositoryName,
  isTag,
  type Digest,
  type RepositoryName,
  type Tag,
} from '@berth/protocol';
import { layerFolder, repositoriesFolder, revisionFolder, tagFolder } from '../layout.ts';
import type { LinkKind } from '../metadata/imports.ts';
import { skip, type Skip } from './skips.ts';

/** A link file, by what its path says. */
export interface StagedLink {
  readonly repository: RepositoryName;
  readonly kind: LinkKind;
  /** The digest that its path has, or the tag. */
  readonly name: string;
}

export type Found =
  | { readonly kind: 'link'; readonly link: StagedLink }
  /** A half-finished upload; it has several files, and is found once. */
  | { readonly kind: 'upload' }
  /** What a tag names, or named before. */
  | {
      readonly kind: 'index';
      readonly repository: RepositoryName;
      readonly tag: Tag;
      readonly digest: Digest;
    }
  /** Nothing that an import needs. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'skip'; readonly skip: Skip };

const nothing: Found = { kind: 'nothing' };
const inRepository = /^(.+?)\/(_layers|_manifests|_uploads)\/(.+)$/;
const layer = /^([^/]+)\/([^/]+)\/link$/;
const revision = /^revisions\/([^/]+)\/([^/]+)\/link$/;
const current = /^tags\/([^/]+)\/current\/link$/;
const history = /^tags\/([^/]+)\/index\/([^/]+)\/([^/]+)\/link$/;
/** Of Docker schema 1, before 2016. */
const signature = /^revisions\/[^/]+\/[^/]+\/signatures\//;

/** What a file of the tree is; `path` is one below {@link repositoriesFolder}. */
export function classify(path: string): Found {
  const below = path.slice(repositoriesFolder.length + 1);
  const [, name, part, rest] = inRepository.exec(below) ?? [];
  if (name === undefined || rest === undefined) return skipped(path, 'unknown-file');
  if (!isRepositoryName(name)) return skipped(`${repositoriesFolder}/${name}`, 'repository-name');
  if (part === '_layers') return digestLink(path, name, 'layer', layer.exec(rest));
  if (part === '_uploads') return rest.endsWith('/startedat') ? { kind: 'upload' } : nothing;
  if (signature.test(rest)) return nothing;
  const past = history.exec(rest);
  if (past !== null) return pastOf(path, name, past);
  const tag = current.exec(rest)?.[1];
  if (tag === undefined) return digestLink(path, name, 'revision', revision.exec(rest));
  if (!isTag(tag)) return skipped(tagFolder(name, tag), 'tag-name');
  return { kind: 'link', link: { repository: name, kind: 'tag', name: tag } };
}

function digestLink(
  path: string,
  repository: RepositoryName,
  kind: LinkKind,
  match: RegExpExecArray | null,
): Found {
  if (match === null) return skipped(path, 'unknown-file');
  const digest = `${match[1]}:${match[2]}`;
  if (!isDigest(digest)) return skipped(path, 'unknown-file', 'its folder is no digest');
  return { kind: 'link', link: { repository, kind, name: digest } };
}

/** One that is no history of a tag belongs to a tag that is reported. */
function pastOf(
  path: string,
  repository: RepositoryName,
  [, tag = '', algorithm, hex]: RegExpExecArray,
): Found {
  const digest = `${algorithm}:${hex}`;
  if (!isDigest(digest)) return skipped(path, 'unknown-file', 'its folder is no digest');
  return isTag(tag)
    ? { kind: 'index', repository, tag, digest }
    : skipped(tagFolder(repository, tag), 'tag-name');
}

function skipped(...skipping: Parameters<typeof skip>): Found {
  return { kind: 'skip', skip: skip(...skipping) };
}

/** Where the link is. */
export function linkPath({ repository, kind, name }: StagedLink): string {
  switch (kind) {
    case 'layer':
      return `${layerFolder(repository, name as Digest)}/link`;
    case 'revision':
      return `${revisionFolder(repository, name as Digest)}/link`;
    case 'tag':
      return `${tagFolder(repository, name)}/current/link`;
  }
}
