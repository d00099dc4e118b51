import type { Socket } from 'node:net';
import { openSocket } from './raw-http.ts';

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case; the last of two with one name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One connection that stays open: writes just these bytes, and reads one answer after the other. */
export interface RawConnection {
  readonly socket: Socket;
  write(bytes: string | Uint8Array): void;
  /** The next answer, or undefined where the server has closed. What answers HEAD has no body. */
  answer(options?: { readonly toHead?: boolean }): Promise<RawAnswer | undefined>;
  close(): void;
}

export async function openConnection(port: number): Promise<RawConnection> {
  const socket = await openSocket(port);
  const reader = new Reader(socket);
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    answer: ({ toHead = false } = {}) => readAnswer(reader, toHead),
    close: () => void socket.destroy(),
  };
}

async function readAnswer(reader: Reader, toHead: boolean): Promise<RawAnswer | undefined> {
  const head = await reader.through('\r\n\r\n');
  if (head === undefined) return undefined;
  const [first = '', ...lines] = head.trimEnd().split('\r\n');
  const pairs = lines.map((line) => /^([^:]+): *(.*)$/.exec(line) ?? []);
  const headers = Object.fromEntries(pairs.map(([, name = '', value = '']) => [name.toLowerCase(), value]));
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const length = toHead ? 0 : Number(headers['content-length'] ?? 0);
  const body = await reader.bytes(length);
  return body === undefined ? undefined : { status, headers, body: body.toString() };
}

/** Takes bytes off a socket as they are asked for; undefined where it ends before. */
class Reader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  async through(end: string): Promise<string | undefined> {
    while (!this.#held.includes(end)) if (!(await this.#more())) return undefined;
    return this.#cut(this.#held.indexOf(end) + end.length).toString();
  }

  async bytes(count: number): Promise<Buffer | undefined> {
    while (this.#held.length < count) if (!(await this.#more())) return undefined;
    return this.#cut(count);
  }

  #cut(count: number): Buffer {
    const cut = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return cut;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks
      .next()
      .catch(() => ({ done: true as const, value: undefined }));
    if (done) return false;
    this.#held = Buffer.concat([this.#held, value]);
    return true;
  }
}
