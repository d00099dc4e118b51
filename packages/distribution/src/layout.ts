/**
 * Every path in storage:
 *
 *   docker/registry/v2/blobs/<algorithm>/<first two hex digits>/<hex>/data    a blob, where `registry:2` keeps it
 *   berth/uploads/<id>                                                        the bytes of an upload in progress
 *   berth/restore/<id>                                                        a blob that a restore is copying
 *
 * What `registry:2` has beside it, which is read by an import and written by an export only. Each file is a digest:
 *
 *   docker/registry/v2/repositories/<name>/
 *     _layers/<algorithm>/<hex>/link                                a blob of the repository
 *     _manifests/revisions/<algorithm>/<hex>/link                   a manifest of it, whose payload lies where a blob would
 *     _manifests/tags/<tag>/current/link                            what the tag names
 *     _manifests/tags/<tag>/index/<algorithm>/<hex>/link            what it names, and what it named before
 *     _uploads/<id>/                                                a half-finished upload, which is left alone
 *   scheduler-state.json                                            there where the tree is that of a pull-through cache
 */
import { digestParts, isDigest, type Digest } from '@berth/protocol';

export const blobsFolder = 'docker/registry/v2/blobs';
export const uploadsFolder = 'berth/uploads';
export const restoreFolder = 'berth/restore';

export function blobPath(digest: Digest): string {
  const { algorithm, hex } = digestParts(digest);
  return `${blobsFolder}/${algorithm}/${hex.slice(0, 2)}/${hex}/data`;
}

/** Of the file of a blob; `undefined` for any other file. */
export function blobDigest(path: string): Digest | undefined {
  const [, algorithm, hex] = /^docker\/registry\/v2\/blobs\/([^/]+)\/[^/]+\/([^/]+)\/data$/.exec(path) ?? [];
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) && blobPath(digest) === path ? digest : undefined;
}

export function uploadPath(id: string): string {
  return `${uploadsFolder}/${id}`;
}

/** Of the file of an upload in progress, whatever a driver adds to its name. */
export function uploadId(path: string): string | undefined {
  return path.startsWith(`${uploadsFolder}/`)
    ? path.slice(uploadsFolder.length + 1, uploadsFolder.length + 37)
    : undefined;
}

/** What goes with the file at `path`: a blob that lies where `registry:2` keeps it has a folder of its own. */
export function fileToDelete(path: string): string {
  return path.startsWith(`${blobsFolder}/`) && path.endsWith('/data') ? path.slice(0, -'/data'.length) : path;
}

export const repositoriesFolder = 'docker/registry/v2/repositories';

export const cacheState = 'scheduler-state.json';

export function layersFolder(repository: string): string {
  return `${repositoriesFolder}/${repository}/_layers`;
}

export function manifestsFolder(repository: string): string {
  return `${repositoriesFolder}/${repository}/_manifests`;
}

/** The folder of the link. */
export function layerFolder(repository: string, digest: Digest): string {
  return `${layersFolder(repository)}/${asFolders(digest)}`;
}

export function revisionsFolder(repository: string): string {
  return `${manifestsFolder(repository)}/revisions`;
}

/** The folder of the link. */
export function revisionFolder(repository: string, digest: Digest): string {
  return `${revisionsFolder(repository)}/${asFolders(digest)}`;
}

/** With all its links. */
export function tagFolder(repository: string, tag: string): string {
  return `${manifestsFolder(repository)}/tags/${tag}`;
}

/** The folder of the link. */
export function tagIndexFolder(repository: string, tag: string, digest: Digest): string {
  return `${tagFolder(repository, tag)}/index/${asFolders(digest)}`;
}

function asFolders(digest: Digest): string {
  const { algorithm, hex } = digestParts(digest);
  return `${algorithm}/${hex}`;
}
