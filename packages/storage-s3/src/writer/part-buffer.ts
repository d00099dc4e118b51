const FIRST_ROOM = 64 * 1024;

/** Bytes of one part, collected. The room doubles, so that a small file needs little of it, and is used again. */
export class PartBuffer {
  #room = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view: it changes when the buffer is used again. */
  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#length);
  }

  /** Takes as much of `chunk` as there is room for in a part of `capacity` bytes, and answers how much that was. */
  append(chunk: Uint8Array, capacity: number): number {
    const count = Math.min(chunk.length, capacity - this.#length);
    this.#makeRoom(this.#length + count, capacity);
    this.#room.set(chunk.subarray(0, count), this.#length);
    this.#length += count;
    return count;
  }

  clear(): void {
    this.#length = 0;
  }

  #makeRoom(needed: number, capacity: number): void {
    if (needed <= this.#room.length) return;
    const doubled = Math.max(needed, FIRST_ROOM, 2 * this.#room.length);
    const bigger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(capacity, doubled)));
    bigger.set(this.bytes);
    this.#room = bigger;
  }
}
