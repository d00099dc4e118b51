import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
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
 * Writes `reply`; to a HEAD request its headers only. A body that is an iterable needs `content-length` in its headers:
 * nothing is written before its first chunk is there, so that it may still fail with another answer, and where it fails
 * later, or has another length, the connection is closed, so that the client sees that it was cut short. A client that
 * leaves ends the body, and is no error.
 */
export async function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Reply,
): Promise<void> {
  if (isWhole(body)) {
    const length =
      status === 204 || status === 304 ? {} : { 'content-length': Buffer.byteLength(body ?? '') };
    response.writeHead(status, { ...length, ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  } else if (request.method === 'HEAD') {
    response.writeHead(status, headers).end();
  } else {
    await sendChunks(response, status, headers, body);
  }
}

function isWhole(body: Reply['body']): body is string | Uint8Array | undefined {
  return typeof body !== 'object' || body instanceof Uint8Array;
}

async function sendChunks(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders | undefined,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  // A body that is not as long as it was said to be would leave the client waiting, or spoil the next answer.
  response.strictContentLength = true;
  const chunks = body[Symbol.asyncIterator]();
  try {
    let chunk = await chunks.next();
    if (response.destroyed) return;
    response.writeHead(status, headers);
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
