import type { FileHandle } from 'node:fs/promises';

/** A file that grows is sent to the disk after so many bytes. */
const EARLY_BYTES = 16 * 1024 * 1024;

/**
 * Brings a growing file to the disk, beginning while more of the file comes: a sync of 256 MiB at the end would take as
 * long as receiving them. After a failed sync the file is removed and never synced again, since the kernel may have dropped
 * the pages that it could not write.
 */
export class FileSync {
  readonly #handle: FileHandle;
  readonly #remove: () => Promise<void>;
  #waiting = 0;
  #early: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(handle: FileHandle, remove: () => Promise<void>) {
    this.#handle = handle;
    this.#remove = remove;
  }

  /** To be called after each write, with its size. Throws where a sync has failed. */
  wrote(bytes: number): void {
    this.#check();
    this.#waiting += bytes;
    if (this.#waiting < EARLY_BYTES || this.#early !== undefined) return;
    this.#waiting = 0;
    this.#early = this.#sync(() => this.#handle.datasync()).finally(() => (this.#early = undefined));
  }

  /** Resolves when no sync is under way, and nothing will be removed any more. Never rejects. */
  async settled(): Promise<void> {
    await this.#early;
  }

  /** Waits for the sync under way; with `sync` everything is on the disk then. Rejects where a sync has failed. */
  async end({ sync }: { readonly sync: boolean }): Promise<void> {
    await this.settled();
    if (sync && this.#failure === undefined) await this.#sync(() => this.#handle.sync());
    this.#check();
  }

  async #sync(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#failure = { error };
      await this.#remove().catch(() => undefined);
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
