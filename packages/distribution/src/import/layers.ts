import { digestParts, type Digest } from '@berth/protocol';
import { copyBlob } from '../export/copy-blob.ts';
import { blobPath } from '../layout.ts';
import { findStoredBlob, type Blob } from '../metadata/blobs.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { RollingHash } from '../stores/rolling-hash.ts';
import { skip, type Skip } from './skips.ts';
import { readLink } from './small-files.ts';
import type { Step, Target, Work } from './step.ts';
import { linkPath } from './tree.ts';

/** Blobs of a repository: their bytes stay where they are. */
export const layers: Step<Blob> = {
  kind: 'layer',
  size: 500,

  async examine(work, repository, name) {
    const { database, storage } = work.context;
    const digest = name as Digest;
    const path = linkPath({ repository, kind: 'layer', name });
    const named = await readLink(storage, path, work.options);
    if (named === undefined) return skip(path, 'bad-link');
    if (named !== digest) return otherAlgorithm(work, path, digest, named);
    const known = await findStoredBlob(database.reader, digest);
    if (known !== undefined) return known;
    const stat = await storage.stat(blobPath(digest), work.options);
    if (stat === null) return skip(path, 'missing-blob');
    // As a power cut leaves it: `registry:2` syncs nothing.
    if (stat.size === 0 && !isEmpty(digest)) return skip(path, 'wrong-bytes', 'there are none');
    return { digest, size: stat.size, path: blobPath(digest) };
  },

  async write(trx, target, blobs) {
    await keepFiles(trx, blobs);
    await trx
      .insertInto('blob')
      .values(blobs.map((blob) => ({ ...blob, created_at: target.now, quarantined_at: null })))
      .onConflict((conflict) => conflict.column('digest').doNothing())
      .execute();
    await trx
      .insertInto('repository_blob')
      .values(blobs.map(({ digest }) => ({ ...linkOf(target), digest })))
      .onConflict((conflict) => conflict.columns(['repository_id', 'digest']).doNothing())
      .execute();
    return [];
  },
};

function isEmpty(digest: Digest): boolean {
  return new RollingHash(digestParts(digest).algorithm).digest() === digest;
}

function linkOf({ id, now }: Target) {
  return { repository_id: id, created_at: now };
}

/** A file that Berth was to delete, before it was put there again. */
async function keepFiles(trx: Writer, blobs: readonly Blob[]): Promise<void> {
  const paths = blobs.map(({ path }) => path);
  await trx.deleteFrom('deletion').where('path', 'in', paths).execute();
}

/**
 * `registry:2` keeps what was pushed by its sha512 under its sha256, and links both to that. Here each blob has a file
 * of its own, which goes with it, so these bytes are copied; they are verified as they pass.
 */
async function otherAlgorithm(
  { context: { storage }, options }: Work,
  path: string,
  digest: Digest,
  named: Digest,
): Promise<Blob | Skip> {
  const algorithm = (of: Digest) => of.slice(0, of.indexOf(':'));
  if (algorithm(digest) === algorithm(named)) return skip(path, 'bad-link', `it names ${named}`);
  const copied = await storage.stat(blobPath(digest), options);
  if (copied !== null) return { digest, size: copied.size, path: blobPath(digest) };
  if ((await storage.stat(blobPath(named), options)) === null) return skip(path, 'missing-blob');
  const size = await copyBlob(storage, blobPath(named), digest, options);
  return size === undefined ? skip(path, 'wrong-bytes') : { digest, size, path: blobPath(digest) };
}
