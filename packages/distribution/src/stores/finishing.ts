import { OciError, type Digest } from '@berth/protocol';
import { adoptsInPlace } from '@berth/storage';
import { blobPath, uploadPath } from '../layout.ts';
import { findStoredBlob, insertBlob, isBlobFile, linkBlob } from '../metadata/blobs.ts';
import { scheduleDeletion } from '../metadata/deletions.ts';
import { ensureRepository } from '../metadata/repositories.ts';
import { atOnce, reviewBlob, reviewUsedLink } from '../metadata/reviews.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { endUpload, isDigestNoted, noteDigest, type UploadKey } from '../metadata/uploads.ts';
import type { StoreContext } from './context.ts';
import type { Deletions } from './deletions.ts';

/** The bytes of a session, all of them there and with this digest. */
export interface Verified {
  readonly key: UploadKey;
  /** That of the writer which verified them. */
  readonly fence: number;
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  /** Whether they have been synced, and so survive a power cut. */
  readonly synced: boolean;
}

/**
 * Makes verified bytes a blob of the session's repository, and ends the session. When it resolves the blob is durable.
 *
 * Until then the digest is noted in the session. While it is, the collector leaves a blob of this digest alone; and
 * while the collector deletes such a file, no digest is noted. So a blob that is pushed again while it is collected is
 * either found or stored anew.
 */
export async function makeBlob(
  context: StoreContext,
  deletions: Deletions,
  verified: Verified,
): Promise<void> {
  if (await linkStored(context, deletions, verified)) return;
  if (!verified.synced) await sync(context, verified);
  const path = await moveToPlace(context, deletions, verified);
  const { digest, size } = verified;
  await context.database.transaction(async (trx) => {
    await end(trx, verified);
    const useless = await insertBlob(trx, { digest, size, path }, context.now());
    if (useless !== undefined) await scheduleDeletion(trx, useless, { now: context.now() });
    await hold(context, trx, verified);
  });
}

/** Whether the same bytes are in storage already: then the repository gets those, and those of the session are deleted. */
async function linkStored(context: StoreContext, deletions: Deletions, verified: Verified): Promise<boolean> {
  const { database } = context;
  const path = uploadPath(verified.key.id);
  if ((await findStoredBlob(database.reader, verified.digest)) === undefined) return false;
  const useless = await database.transaction(async (trx) => {
    if ((await findStoredBlob(trx, verified.digest)) === undefined) return undefined;
    await end(trx, verified);
    await hold(context, trx, verified);
    return deletions.begin(trx, path);
  });
  if (useless !== undefined) await deletions.finish(useless);
  return useless !== undefined;
}

async function sync({ storage }: StoreContext, { key, size }: Verified): Promise<void> {
  const writer = await storage.append(uploadPath(key.id));
  const whole = writer.size === size;
  await writer.close({ sync: whole });
  if (!whole) throw overtaken();
}

/**
 * Resolves to the path of the bytes. Where a move would be a copy (S3), they stay under the path of the session, which
 * nobody else has.
 */
async function moveToPlace(
  { storage }: StoreContext,
  deletions: Deletions,
  { key, fence, digest }: Verified,
): Promise<string> {
  if (adoptsInPlace(storage)) return uploadPath(key.id);
  const path = blobPath(digest);
  await deletions.keep(path, async (trx) => {
    if (!(await noteDigest(trx, key.id, fence, digest))) throw overtaken();
  });
  await storage.move(uploadPath(key.id), path);
  return path;
}

async function end(trx: Writer, { key, fence }: Verified): Promise<void> {
  if (!(await endUpload(trx, key.id, fence))) throw overtaken();
}

async function hold(context: StoreContext, trx: Writer, { key, digest }: Verified): Promise<void> {
  const now = context.now();
  const { id } = await ensureRepository(trx, key.repository, now);
  await linkBlob(trx, id, digest, now);
  await reviewUsedLink(trx, id, digest, { now, dueAt: now + context.reviewDelay });
}

/**
 * What becomes of a digest that a session had noted and did not make a blob: the file that may be in its place is to be
 * deleted, unless it is that of a blob or another session is about to write it.
 */
export async function settle(trx: Writer, digest: Digest | null, now: number): Promise<void> {
  if (digest === null || (await isDigestNoted(trx, digest))) return;
  const path = blobPath(digest);
  await reviewBlob(trx, digest, atOnce);
  if (!(await isBlobFile(trx, path))) await scheduleDeletion(trx, { path, size: 0 }, { now });
}

function overtaken(): OciError {
  return new OciError('BLOB_UPLOAD_INVALID', { message: 'another request has taken over the upload' });
}
