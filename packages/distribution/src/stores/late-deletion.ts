import { blobDigest } from '../layout.ts';
import { quarantineFile } from '../metadata/integrity.ts';
import { overtakeNoted } from '../metadata/uploads.ts';
import type { StoreContext } from './context.ts';
import { settle } from './finishing.ts';

/**
 * For a deletion that ended after its lease, since the process slept: nobody waited for it any longer, and it may have
 * taken what was pushed meanwhile. Such a blob does not exist until it is pushed again, and a push that is about to end
 * fails: a success without the bytes is the one thing that must not be.
 */
export async function endedLate(
  { database, storage, logger, now }: StoreContext,
  path: string,
): Promise<void> {
  if ((await storage.stat(path)) !== null) return;
  const lost = await database.transaction(async (trx) => {
    const digest = blobDigest(path);
    if (digest !== undefined && (await overtakeNoted(trx, digest))) await settle(trx, digest, now());
    return quarantineFile(trx, path, now());
  });
  if (lost)
    logger.error({ path }, 'a deletion that took too long took a new blob: it has to be pushed again');
}
