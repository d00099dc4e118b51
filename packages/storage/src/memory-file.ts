/** Bytes that grow at their end; the room doubles, so that many small appends stay cheap. */
export class MemoryFile {
  #room = new Uint8Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(chunk: Uint8Array): void {
    this.#makeRoom(this.#size + chunk.length);
    this.#room.set(chunk, this.#size);
    this.#size += chunk.length;
  }

  /** A view, not a copy. */
  slice(start: number, end: number): Uint8Array {
    return this.#room.subarray(start, end);
  }

  #makeRoom(needed: number): void {
    if (needed <= this.#room.length) return;
    const bigger = new Uint8Array(Math.max(needed, 2 * this.#room.length));
    bigger.set(this.slice(0, this.#size));
    this.#room = bigger;
  }
}
