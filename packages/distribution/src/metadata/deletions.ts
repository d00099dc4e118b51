import { compiledOnce } from '@berth/database';
import type { Reader, Writer } from './schema/tables.ts';

/** A file in storage that nothing needs any more. */
export interface DoomedFile {
  readonly path: string;
  /** In bytes; 0 where it does not count. */
  readonly size: number;
}

/** One that only the caller deletes until `leasedUntil`, in milliseconds since 1970. */
export interface ClaimedFile extends DoomedFile {
  readonly leasedUntil: number;
}

/** A caller who deletes the file itself at once gives `leasedUntil`: nobody else tries before then. */
export async function scheduleDeletion(
  trx: Writer,
  { path, size }: DoomedFile,
  { now, leasedUntil = 0 }: { readonly now: number; readonly leasedUntil?: number },
): Promise<void> {
  const row = { size, due_at: now, leased_until: leasedUntil, attempts: 0 };
  await trx
    .insertInto('deletion')
    .values({ path, ...row })
    .onConflict((conflict) => conflict.column('path').doNothing())
    .execute();
}

const leaseOf = compiledOnce((db: Reader, { path }: { path: string }) =>
  db.selectFrom('deletion').select('leased_until').where('path', '=', path),
);

/**
 * Takes a file that is about to be written out of what is to be deleted. `false` while somebody is deleting it: what
 * is written now would be deleted too.
 */
export async function keepFile(trx: Writer, path: string, now: number): Promise<boolean> {
  const [row] = (await leaseOf(trx, { path })).rows;
  if (row === undefined) return true;
  if (row.leased_until > now) return false;
  await trx.deleteFrom('deletion').where('path', '=', path).execute();
  return true;
}

export interface DeletionClaim {
  readonly now: number;
  readonly leasedUntil: number;
  /** Files at most. */
  readonly limit: number;
}

/** Files that are due, and that only the caller deletes until the lease ends. */
export async function claimDeletions(trx: Writer, claim: DeletionClaim): Promise<ClaimedFile[]> {
  const { now, leasedUntil, limit } = claim;
  const due = trx
    .selectFrom('deletion')
    .select('path')
    .where('due_at', '<=', now)
    .where('leased_until', '<=', now)
    .orderBy('due_at')
    .limit(limit);
  const rows = await trx
    .updateTable('deletion')
    .set({ leased_until: leasedUntil })
    .where('path', 'in', due)
    .returning(['path', 'size'])
    .execute();
  return rows.map((file) => ({ ...file, leasedUntil }));
}

/** Whether the file was still the caller's to delete. */
export async function forgetDeletion(trx: Writer, { path, leasedUntil }: ClaimedFile): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('deletion')
    .where('path', '=', path)
    .where('leased_until', '=', leasedUntil)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Tries again after 30 seconds, and after twice as long each time, up to a day. Whether the file was still the caller's. */
export async function postponeDeletion(
  trx: Writer,
  { path, leasedUntil }: ClaimedFile,
  now: number,
): Promise<boolean> {
  const row = await trx
    .selectFrom('deletion')
    .select('attempts')
    .where('path', '=', path)
    .where('leased_until', '=', leasedUntil)
    .executeTakeFirst();
  if (row === undefined) return false;
  const pause = Math.min(30_000 * 2 ** row.attempts, 86_400_000);
  await trx
    .updateTable('deletion')
    .set({ due_at: now + pause, leased_until: 0, attempts: row.attempts + 1 })
    .where('path', '=', path)
    .execute();
  return true;
}

/** Files that are still to be deleted. */
export async function waitingDeletions(
  db: Reader,
): Promise<{ readonly files: number; readonly bytes: number }> {
  return db
    .selectFrom('deletion')
    .select((eb) => [
      eb.fn.countAll<number>().as('files'),
      eb.fn.coalesce(eb.fn.sum<number>('size'), eb.lit(0)).as('bytes'),
    ])
    .executeTakeFirstOrThrow();
}
