import { randomUUID } from 'node:crypto';
import { releaseLease, takeLease, type Lease } from '@berth/database';
import { OciError } from '@berth/protocol';
import { holdLease } from '../stores/deletions.ts';
import type { StoreContext } from '../stores/context.ts';

/** After a crash deletions go on no later than this, in milliseconds. */
export const holdTime = 30_000;

/** How often the lease is taken again, in milliseconds. */
const renewal = 5_000;

type HoldContext = Pick<StoreContext, 'database' | 'logger' | 'now'>;

/**
 * While `work` runs, no blob is deleted from storage, by any process. What is to be deleted waits. Throws `CONFLICT` where
 * somebody else holds deletions.
 */
export async function holdDeletions<Result>(
  context: HoldContext,
  work: () => Promise<Result>,
): Promise<Result> {
  const { database, now, logger } = context;
  const owner = randomUUID();
  const take = () =>
    database.transaction((trx) => takeLease(trx, { name: holdLease, owner, now: now(), duration: holdTime }));
  const lease = await take();
  if (lease === undefined) throw new OciError('CONFLICT', { message: 'another backup is being made' });
  const holding = setInterval(() => {
    take().catch((error: unknown) => logger.warn({ error }, 'deletions could not be held any longer'));
  }, renewal);
  try {
    return await work();
  } finally {
    clearInterval(holding);
    await release(context, lease);
  }
}

/** Where it cannot be given back, it ends by itself. */
async function release({ database, logger }: HoldContext, lease: Lease): Promise<void> {
  await database
    .transaction((trx) => releaseLease(trx, lease))
    .catch((error: unknown) => logger.warn({ error }, 'deletions are held for a while longer'));
}
