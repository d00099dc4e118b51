import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { OciError } from '@berth/protocol';
import { errorReply, sendReply } from '@berth/protocol/http';
import type { ListenAddress } from './config/index.ts';

/** A connection on which nothing moves for so long is closed, in milliseconds; a slow upload that moves never is. */
const idleLimit = 300_000;

export interface Listening {
  /** The port that was opened: another one than was asked for where that was 0. */
  readonly port: number;
  /** Takes no new requests, and resolves when those in flight are answered, or cut off after `limit` milliseconds. */
  stop(limit: number): Promise<void>;
}

/** Rejects with the error of `listen`: EADDRINUSE, EACCES. */
export async function listen(handler: RequestListener, { host, port }: ListenAddress): Promise<Listening> {
  // Node's own limit for a whole request, 300 s, would cut off slow pushes.
  const server = createServer({ requestTimeout: 0 }, handler);
  server.timeout = idleLimit;
  server.on('clientError', refuse);
  server.on('checkExpectation', refuseExpectation);
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: (limit) => stop(server, limit),
  };
}

/** Only `100-continue` is known: RFC 9110, section 10.1.1. */
const refuseExpectation: RequestListener = (request, response) => {
  const message = 'the Expect header asks for what is not known here';
  void sendReply(request, response, errorReply(new OciError('BAD_REQUEST', { message, status: 417 })));
};

/** What is no HTTP, in the shape of every other error. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLong = error.code === 'HPE_HEADER_OVERFLOW';
  const status = tooLong ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const message = tooLong ? 'the headers are too long' : 'this is not HTTP';
  const body = JSON.stringify(new OciError('BAD_REQUEST', { message }));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

async function stop(server: Server, limit: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const late = setTimeout(() => server.closeAllConnections(), limit);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
