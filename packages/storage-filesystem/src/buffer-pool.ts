/** Larger reads gain nothing; the 64 KiB of `fs.createReadStream` read 0.6 GB/s where these read 1.5. */
export const LARGE_BYTES = 1024 * 1024;
export const SMALL_BYTES = 64 * 1024;

/**
 * Hands out buffers for reading. There are at most `capacity` large ones, and they are used again, so that memory
 * stays flat; who comes when all are lent reads in small ones, more slowly.
 */
export class BufferPool {
  readonly #capacity: number;
  readonly #free: Buffer[] = [];
  #lent = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** A buffer for up to `wanted` bytes, with anything in it. It may be smaller, but not empty. */
  take(wanted: number): Buffer {
    if (wanted <= SMALL_BYTES || this.#lent >= this.#capacity) {
      return Buffer.allocUnsafeSlow(Math.min(wanted, SMALL_BYTES));
    }
    this.#lent += 1;
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES);
  }

  /** Ends the loan. `reusable` says that nobody looks at the buffer any more. */
  giveBack(buffer: Buffer, { reusable }: { readonly reusable: boolean }): void {
    if (buffer.length !== LARGE_BYTES) return;
    this.#lent -= 1;
    if (reusable) this.#free.push(buffer);
  }
}
