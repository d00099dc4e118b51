import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { OciError } from '../errors.ts';

/** An answer as a value: handlers make it, {@link sendReply} writes it. */
export interface Reply {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  /** Chunks of an iterable are valid only until the next one is asked for. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

export function jsonReply(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

export function errorReply(error: OciError): Reply {
  return jsonReply(error.status, error, error.headers);
}

/**
 * Writes `reply`, with `more` headers beside its own, names and values in turn; to a HEAD request the headers only. A
 * body that is an iterable needs `content-length` in its headers: nothing is written before its first chunk is there, so
 * that it may still fail with another answer, and where it fails later, or has another length, the connection is closed,
 * so that the client sees that it was cut short. A client that leaves ends the body, and is no error.
 */
export async function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Reply,
  more: readonly string[] = [],
): Promise<void> {
  const head = flatHeaders(more, headers);
  if (isWhole(body)) {
    const hasLength = status === 204 || status === 304 || headers?.['content-length'] !== undefined;
    if (!hasLength) head.push('content-length', Buffer.byteLength(body ?? ''));
    response.writeHead(status, head);
    endWith(response, request.method === 'HEAD' ? undefined : body);
  } else if (request.method === 'HEAD') {
    response.writeHead(status, head).end();
  } else {
    await sendChunks(response, status, head, body);
  }
}

/** Names and values in turn, as Node takes them fastest: it would merge an object with other headers one by one. */
function flatHeaders(more: readonly string[], headers: OutgoingHttpHeaders = {}): OutgoingHttpHeader[] {
  const flat: OutgoingHttpHeader[] = [...more];
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat.push(name, value);
  }
  return flat;
}

function isWhole(body: Reply['body']): body is string | Uint8Array | undefined {
  return typeof body !== 'object' || body instanceof Uint8Array;
}

/** In bytes: Node writes a larger text by way of a copy in memory. */
const smallBody = 8192;

/** Small bytes as text, since Node writes that together with the headers: a request costs some 10 µs less. */
function endWith(response: ServerResponse, body: string | Uint8Array | undefined): void {
  if (body instanceof Uint8Array && body.length <= smallBody) {
    const { buffer, byteOffset, length } = body;
    response.end(Buffer.from(buffer, byteOffset, length).toString('latin1'), 'latin1');
  } else {
    response.end(body);
  }
}

async function sendChunks(
  response: ServerResponse,
  status: number,
  head: OutgoingHttpHeader[],
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  // A body that is not as long as it was said to be would leave the client waiting, or spoil the next answer.
  response.strictContentLength = true;
  const chunks = body[Symbol.asyncIterator]();
  try {
    let chunk = await chunks.next();
    if (response.destroyed) return;
    response.writeHead(status, head);
    for (; !chunk.done; chunk = await chunks.next()) {
      if (!(await written(response, chunk.value))) return;
    }
    response.end();
  } catch (error) {
    if (response.destroyed) return;
    if (response.headersSent) response.destroy();
    throw error;
  } finally {
    await chunks.return?.();
  }
}

/** Resolves when the chunk has left for the socket, so that its memory may be used again; to `false`: nobody is there. */
function written(response: ServerResponse, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = () => resolve(false);
    response.once('close', gone);
    response.write(chunk, (error) => {
      response.off('close', gone);
      resolve(!error);
    });
  });
}
