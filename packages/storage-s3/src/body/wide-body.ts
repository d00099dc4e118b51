import type { IncomingMessage } from 'node:http';

import { isWide, type Sink, type WideSocket } from './intake.ts';

/** From so many bytes on, a body is worth its connection, which is not used again. */
export const WIDE_FROM = 4 * 1024 * 1024;
/** Of each of the two buffers, in bytes. */
const BUFFER = 512 * 1024;
/** What comes in smaller reads, as TLS gives them, is collected for one turn of the event loop. */
const ENOUGH = 64 * 1024;
/** For the next read, and for what TLS has already decrypted when reading stops. */
const LEAST_ROOM = 128 * 1024;

/**
 * The bytes of an answer with `Content-Length: <length>`, each chunk valid until the next one is asked for. A long one does
 * not pass through Node's parser of HTTP, which takes 64 KiB at a time and makes two buffers for them: it costs six times as
 * much of the processor.
 */
export function chunksOfBody(body: IncomingMessage, length: number): AsyncIterable<Uint8Array> {
  const { socket } = body;
  if (length < WIDE_FROM || !isWide(socket) || socket.readableLength > 0) return body;
  return new WideBody(body, socket, length);
}

/**
 * Reads and gives in turn: a read begins when the reader asks for more, and stops when something came. While the reader
 * has that, the kernel collects. Two buffers, since the place of the next read has to be told before this one is given.
 */
class WideBody implements Sink {
  readonly #socket: WideSocket;
  #buffer = Buffer.allocUnsafeSlow(BUFFER);
  #other = Buffer.allocUnsafeSlow(BUFFER);
  /** Bytes of the buffer that have come, and those of them that were given to the reader. */
  #filled = 0;
  #given = 0;
  /** Bytes of the body that have not come. */
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

  /** Somebody waits, so he has neither buffer. */
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
