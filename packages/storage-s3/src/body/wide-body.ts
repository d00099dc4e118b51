import type { IncomingMessage } from 'node:http';

import { isWide, type Sink, type WideSocket } from './intake.ts';

/** From this length in bytes on. The connection is closed after such a body, which costs more than a short one gains. */
export const WIDE_FROM = 4 * 1024 * 1024;
/** Size of each of the two buffers, in bytes. */
const BUFFER = 512 * 1024;
/** Smaller reads, such as the records of TLS, are collected for one turn of the event loop. */
const ENOUGH = 64 * 1024;
/** Room for the next read, and for what TLS has already decrypted when reading stops. A read without room would fail. */
const LEAST_ROOM = 128 * 1024;

/**
 * The bytes of the body of an answer. Each chunk is valid until the next one is asked for, and the caller destroys `body` in
 * the end. A long body whose length is known does not pass through Node's HTTP parser, which reads 64 KiB at a time and
 * makes two buffers for them: that takes six times as much processor time.
 */
export function chunksOfBody(body: IncomingMessage): AsyncIterable<Uint8Array> {
  const { socket, headers } = body;
  const length = Number(headers['content-length']);
  const isLong = length >= WIDE_FROM;
  if (!isLong || body.destroyed || !isWide(socket) || socket.readableLength > 0) return body;
  return new WideBody(body, socket, length);
}

/**
 * Reads from the socket and hands chunks to the reader by turns: it reads when the reader asks for more, and stops as soon
 * as something came. While the reader works on a chunk, the kernel collects the next bytes. There are two buffers, since Node
 * wants to know where the next read goes before the reader is done with the last one.
 */
class WideBody implements Sink {
  readonly #socket: WideSocket;
  #buffer = Buffer.allocUnsafeSlow(BUFFER);
  #other = Buffer.allocUnsafeSlow(BUFFER);
  /** Bytes in the buffer, and how many of them the reader was given. */
  #filled = 0;
  #given = 0;
  /** Bytes of the body that have not come yet. */
  #missing: number;
  #failure: Error | undefined;
  #waiting: PromiseWithResolvers<Uint8Array> | undefined;

  constructor(body: IncomingMessage, socket: WideSocket, length: number) {
    this.#socket = socket;
    this.#missing = length;
    body.once('error', (error) => this.#fail(error));
    body.once('close', () => this.#fail(new Error('the connection was closed')));
    socket.intake.sink = this;
    const parsed: Buffer | null = body.read();
    if (parsed) this.take(parsed);
  }

  get room(): Uint8Array {
    return this.#buffer.subarray(this.#filled);
  }

  take(bytes: Uint8Array): boolean {
    const part = bytes.subarray(0, this.#missing);
    if (part.buffer !== this.#buffer.buffer) this.#buffer.set(part, this.#filled);
    this.#filled += part.length;
    this.#missing -= part.length;
    if (this.#waiting) this.#offer();
    return false;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (this.#missing > 0 || this.#given < this.#filled) {
      yield this.#given < this.#filled ? this.#give() : await this.#arrival();
    }
  }

  #arrival(): Promise<Uint8Array> {
    if (this.#failure) throw this.#failure;
    this.#waiting = Promise.withResolvers();
    this.#socket.resume();
    return this.#waiting.promise;
  }

  /** The reader waits, so that it holds neither buffer any more. */
  #offer(): void {
    const isTight = this.#buffer.length - this.#filled < LEAST_ROOM;
    if (this.#filled - this.#given < ENOUGH && this.#missing > 0 && !isTight) {
      setImmediate(() => this.#deliver());
      return;
    }
    this.#deliver();
    [this.#buffer, this.#other] = [this.#other, this.#buffer];
    this.#filled = this.#given = 0;
  }

  #deliver(): void {
    if (!this.#waiting || this.#given === this.#filled) return;
    this.#waiting.resolve(this.#give());
    this.#waiting = undefined;
  }

  #give(): Uint8Array {
    const chunk = this.#buffer.subarray(this.#given, this.#filled);
    this.#given = this.#filled;
    return chunk;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}
