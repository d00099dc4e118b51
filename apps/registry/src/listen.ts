import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { OciError } from '@berth/protocol';
import { errorReply, sendReply } from '@berth/protocol/http';
import type { ListenAddress } from './config/index.ts';

/** In milliseconds. */
export interface ListenOptions {
  /** A connection on which nothing moves for so long is closed; a slow upload that moves never is. Default 300,000. */
  readonly idleLimit?: number;
  /** A request whose headers are not there after so long is refused with 408. Default 60,000. */
  readonly headersLimit?: number;
}

export interface Listening {
  /** The port that was opened: another one than was asked for where that was 0. */
  readonly port: number;
  /** Takes no new requests, and resolves when those in flight are answered, or cut off after `limit` milliseconds. */
  stop(limit: number): Promise<void>;
}

/** Rejects with the error of `listen`: EADDRINUSE, EACCES. */
export async function listen(
  handler: RequestListener,
  { host, port }: ListenAddress,
  { idleLimit = 300_000, headersLimit = 60_000 }: ListenOptions = {},
): Promise<Listening> {
  const limits = {
    // Node's own limit for a whole request, 300 s, would cut off slow pushes.
    requestTimeout: 0,
    // Node takes the lesser of 60 s and the limit above where it is not told: none.
    headersTimeout: headersLimit,
    connectionsCheckingInterval: Math.ceil(headersLimit / 2),
  };
  const server = createServer(limits, (request, response) => {
    const socket: AnsweringSocket = request.socket;
    socket[lastAnswer] = response;
    if (mayHaveBody(request)) discardRest(request, response);
    handler(request, response);
  });
  server.timeout = idleLimit;
  // Between two requests too: Node's five seconds cut connections that a proxy is about to use again, and to set a timer
  // after each answer costs some microseconds.
  server.keepAliveTimeout = 0;
  server.on('clientError', (error, socket: AnsweringSocket) => refuse(error, socket, socket[lastAnswer]));
  server.on('checkExpectation', refuseExpectation);
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: (limit) => stop(server, limit),
  };
}

const lastAnswer: unique symbol = Symbol('the last answer that was begun');

/** The answers of pipelined requests leave in their order, so that the last one stands for all. */
type AnsweringSocket = Duplex & { [lastAnswer]?: ServerResponse };

/** Nothing reads the body of a GET or a HEAD: Node itself then discards it. */
function mayHaveBody({ method }: IncomingMessage): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** What a handler has left of a body stands before the next request. */
function discardRest(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => request.resume());
}

/** Only `100-continue` is known: RFC 9110, section 10.1.1. */
const refuseExpectation: RequestListener = (request, response) => {
  const message = 'the Expect header asks for what is not known here';
  void sendReply(request, response, errorReply(new OciError('BAD_REQUEST', { message, status: 417 })));
};

/** Status and message by the code of Node's error. */
const refusals: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'the headers are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request took too long to arrive'],
};

/** What is no HTTP, in the shape of every other error, and after the answer that is under way on the same connection. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex, answer?: ServerResponse): void {
  // It came after a request that asked to close: that one's answer is the last.
  if (error.code === 'HPE_CLOSED_CONNECTION') return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  if (answer !== undefined && isUnderWay(answer)) {
    answer.once('finish', () => refuse(error, socket));
    return;
  }
  const [status, message] = refusals[error.code ?? ''] ?? [400, 'this is not HTTP'];
  const body = JSON.stringify(new OciError('BAD_REQUEST', { message }));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Not where it is the body of the request itself that is broken: nothing was answered to that yet. */
function isUnderWay(answer: ServerResponse): boolean {
  return !answer.writableFinished && (answer.req.complete || answer.headersSent);
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
