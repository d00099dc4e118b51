import { LRUCache } from 'lru-cache';
import type { UploadKey } from '../metadata/uploads.ts';
import type { RollingHash } from './rolling-hash.ts';

/** Sessions whose hash is kept between two requests; that of an older one is made again from its bytes. */
const mostHashes = 10_000;

/**
 * What this process remembers of uploads in progress. It only makes things faster: who may write is decided by the
 * fence in the database, and a hash that is not here is made again.
 */
export class UploadWriters {
  readonly #written = new LRUCache<string, { readonly key: UploadKey; readonly hash: RollingHash }>({
    max: mostHashes,
  });
  readonly #active = new Map<string, { stop: () => void; ended: Promise<void> }>();

  /**
   * Stops the writer of the same session that runs in this process, waits until it has let go of the file, and takes
   * its place until the answered function is called. `stop` ends this writer in its turn.
   */
  async enter(id: string, stop: () => void = () => {}): Promise<() => void> {
    for (let earlier = this.#active.get(id); earlier !== undefined; earlier = this.#active.get(id)) {
      earlier.stop();
      await earlier.ended;
    }
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#active.set(id, { stop, ended });
    return () => {
      this.#active.delete(id);
      resolve();
    };
  }

  isActive(id: string): boolean {
    return this.#active.has(id);
  }

  /** Whether it was written to here, and is whose the key says; it may have ended in another process. */
  isKnown({ id, repository, accountId }: UploadKey): boolean {
    const key = this.#written.get(id)?.key;
    return key !== undefined && key.repository === repository && key.accountId === accountId;
  }

  /** The hash of the first `size` bytes, where it is still known. */
  hash(id: string, size: number): RollingHash | undefined {
    const hash = this.#written.get(id)?.hash;
    return hash?.size === size ? hash : undefined;
  }

  keepHash(key: UploadKey, hash: RollingHash): void {
    this.#written.set(key.id, { key, hash });
  }

  forget(id: string): void {
    this.#written.delete(id);
  }
}
