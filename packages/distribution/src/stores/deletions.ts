import { setTimeout as sleep } from 'node:timers/promises';
import { leaseHeld } from '@berth/database';
import { OciError } from '@berth/protocol';
import { fileToDelete } from '../layout.ts';
import {
  claimDeletions,
  forgetDeletion,
  keepFile,
  postponeDeletion,
  scheduleDeletion,
  type ClaimedFile,
} from '../metadata/deletions.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { ofSession, type StoreContext } from './context.ts';
import { endedLate } from './late-deletion.ts';

/** Nobody else deletes a file for so long, in milliseconds; the deletion of one file takes less than half. */
const leaseTime = 60_000;

/** Files that are deleted at a time. */
const atOnce = 8;

/** How long a push waits for the deletion of the file that it is about to write, in milliseconds. */
const patience = 5_000;

/** While this lease is held no blob is deleted from storage: a backup is being made of what was there when it began. */
export const holdLease = 'hold-deletions';

/**
 * Deletes files in two phases: the transaction that takes away the last row about a file notes it as one to delete,
 * and the note goes after the file. So a crash leaves no file that nobody knows of, and no row without its file.
 */
export class Deletions {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Notes a file that the caller deletes with {@link finish} after his commit. */
  async begin(trx: Writer, path: string): Promise<ClaimedFile> {
    const now = this.#context.now();
    const file = { path, size: 0, leasedUntil: now + leaseTime };
    await scheduleDeletion(trx, file, { now, leasedUntil: file.leasedUntil });
    return file;
  }

  /** What fails is tried again later, and fails nobody. */
  async finish(file: ClaimedFile): Promise<void> {
    const { logger } = this.#context;
    await this.#delete(file).catch((error: unknown) => {
      logger.warn({ path: file.path, error }, 'the deletion of a file could not be noted; it is tried again');
    });
  }

  /**
   * `reserve` notes that somebody is about to write the file. It runs in the transaction that takes the file out of
   * what is to be deleted. Throws `UNAVAILABLE` where the file is being deleted for too long.
   */
  async keep(path: string, reserve: (trx: Writer) => Promise<void>): Promise<void> {
    const { database, now } = this.#context;
    const end = performance.now() + patience;
    for (let pause = 5; performance.now() < end; pause = Math.min(pause * 2, 200)) {
      const kept = await database.transaction(async (trx) => {
        if (!(await keepFile(trx, path, now()))) return false;
        await reserve(trx);
        return true;
      }, ofSession);
      if (kept) return;
      await sleep(pause);
    }
    throw new OciError('UNAVAILABLE', {
      message: 'an older copy of this blob is being deleted; send it again in a moment',
      headers: { 'retry-after': '5' },
    });
  }

  /** Deletes files that are due. Answers those that are gone, of at most `limit` that were tried. */
  async run(limit: number): Promise<readonly ClaimedFile[]> {
    const now = this.#context.now();
    // Not relaxed: after a power cut no row may be back whose file is gone.
    const claimed = await this.#context.database.transaction(async (trx) => {
      if (await leaseHeld(trx, holdLease, now)) return [];
      return claimDeletions(trx, { now, leasedUntil: now + leaseTime, limit });
    });
    const gone: ClaimedFile[] = [];
    for (let first = 0; first < claimed.length; first += atOnce) {
      const deleted = await Promise.all(
        claimed.slice(first, first + atOnce).map(async (file) => (await this.#delete(file)) && file),
      );
      gone.push(...deleted.filter((file) => file !== false));
    }
    return gone;
  }

  /** Whether it is gone. Nothing begins when much of the lease is over: the process may have slept. */
  async #delete(file: ClaimedFile): Promise<boolean> {
    const { storage, logger, now } = this.#context;
    const { path, leasedUntil } = file;
    if (now() > leasedUntil - leaseTime / 2) return false;
    try {
      await storage.delete(fileToDelete(path));
      await this.#end(file, (trx) => forgetDeletion(trx, file));
      return true;
    } catch (error) {
      logger.warn({ path, error }, 'a file that nothing needs could not be deleted; it is tried again');
      await this.#end(file, (trx) => postponeDeletion(trx, file, now()));
      return false;
    }
  }

  /** `note` answers whether the file was still ours to delete. */
  async #end({ path }: ClaimedFile, note: (trx: Writer) => Promise<boolean>): Promise<void> {
    const ours = await this.#context.database.transaction(note, { relaxed: true });
    if (!ours) await endedLate(this.#context, path);
  }
}
