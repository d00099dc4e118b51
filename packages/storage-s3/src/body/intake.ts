import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Takes the bytes of a socket in place of Node's HTTP parser. */
export interface Sink {
  /** Where the next read goes. Never empty. */
  readonly room: Uint8Array;
  /**
   * Takes what was read: it lies in {@link room}, except for the first read, whose place was chosen before. `false` stops
   * reading until the socket is resumed.
   */
  take(bytes: Uint8Array): boolean;
}

/** A socket whose reads can go to a {@link Sink}. */
export interface WideSocket extends Socket {
  readonly intake: Intake;
}

/** What Node itself reads at once. */
const PARSED_READ = 64 * 1024;

/**
 * Reads a socket into memory that is used again, by the option `onread` of `net.connect`. As long as there is no
 * {@link sink}, a copy of what was read goes on to the HTTP parser, as always.
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

  /** Opens a socket by `connect`, which passes {@link onread} on to Node. */
  open<S extends Duplex>(connect: (options: Pick<Intake, 'onread'>) => S): S & { readonly intake: Intake } {
    const socket = connect({ onread: this.onread });
    this.#socket = socket;
    return Object.assign(socket, { intake: this });
  }
}

export function isWide(socket: Socket): socket is WideSocket {
  return 'intake' in socket && socket.intake instanceof Intake;
}
