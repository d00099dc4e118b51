import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Who takes the bytes of a socket in place of the parser of HTTP. */
export interface Sink {
  /** Where the next read goes. Never empty. */
  readonly room: Uint8Array;
  /** `bytes` were read, as a rule to {@link room}. `false` stops reading until the socket is resumed. */
  take(bytes: Uint8Array): boolean;
}

/** A socket that reads where it is told to. */
export interface WideSocket extends Socket {
  readonly intake: Intake;
}

/** As much as Node reads at once by itself. */
const PARSED_READ = 64 * 1024;

/**
 * Reads a socket by `onread` of `net.connect`, to memory that is used again. Without a {@link sink} a copy of what was read
 * goes where it always goes, to the parser of HTTP.
 */
export class Intake {
  sink: Sink | undefined;
  #socket: Duplex | undefined;
  readonly #buffer = Buffer.allocUnsafeSlow(PARSED_READ);

  readonly onread = {
    buffer: (): Uint8Array => this.sink?.room ?? this.#buffer,
    callback: (length: number, buffer: Uint8Array): boolean => {
      const bytes = buffer.subarray(0, length);
      return this.sink ? this.sink.take(bytes) : (this.#socket?.push(Buffer.from(bytes)) ?? false);
    },
  };

  /** `connect` opens the socket, with {@link onread} among its options. */
  open<S extends Duplex>(connect: (options: Pick<Intake, 'onread'>) => S): S & { readonly intake: Intake } {
    const socket = connect({ onread: this.onread });
    this.#socket = socket;
    return Object.assign(socket, { intake: this });
  }
}

export function isWide(socket: Socket): socket is WideSocket {
  return 'intake' in socket && socket.intake instanceof Intake;
}
