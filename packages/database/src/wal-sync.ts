import { open } from 'node:fs/promises';
import { DatabaseError } from './errors.ts';

/** What is asked of the WAL file. */
export interface WalFile {
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export type OpenWal = (file: string) => Promise<WalFile>;

const openReal: OpenWal = (file) => open(file, 'r+');

/**
 * Makes commits durable off the event loop. SQLite's `synchronous=FULL` is that of `NORMAL` with a sync of the WAL file
 * at the end of each commit (https://sqlite.org/pragma.html#pragma_synchronous), in which a process with one thread stands
 * still: 0.2 ms on a good disk, 3 ms on a busy one. The same sync from another thread, awaited, promises the same, and
 * one serves all that were committed before it began.
 */
export class WalSync {
  readonly #path: string;
  readonly #open: OpenWal;
  #file: Promise<WalFile> | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #failure: DatabaseError | undefined;

  /** `database` is the file of the database. The WAL beside it must be there when {@link sync} is called, as it is after a commit. */
  constructor(database: string, openWal = openReal) {
    this.#path = `${database}-wal`;
    this.#open = openWal;
  }

  /**
   * Resolves when everything that was committed before the call survives a power cut. Rejects with `DatabaseError`
   * `IO_ERROR` where the disk failed, now or before.
   */
  sync(): Promise<void> {
    this.#next ??= this.#begin(this.#running);
    return this.#next;
  }

  /**
   * Throws where a sync has failed: what the kernel could not write it calls clean afterwards, and the next sync would
   * succeed without it. Only a start, which reads the WAL anew, knows what is there.
   */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#running, this.#next]);
    await (await this.#file)?.close();
  }

  async #begin(running: Promise<void>): Promise<void> {
    await running.catch(() => undefined);
    this.#running = this.#next ?? running;
    this.#next = undefined;
    this.check();
    try {
      this.#file ??= this.#open(this.#path);
      await (await this.#file).datasync();
    } catch (cause) {
      this.#failure = new DatabaseError(
        'IO_ERROR',
        'the disk failed; nothing is written until Berth starts again',
        {
          cause,
        },
      );
      throw this.#failure;
    }
  }
}
