import type { IncomingMessage } from 'node:http';
import { OciError } from '../errors.ts';

/**
 * The whole body, of at most `limit` bytes, refused as soon as it is known to be longer: by its declared length, else
 * while it arrives. The rest is not kept.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof OciError ? error : new ClientGone({ cause: error });
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(limit: number): OciError {
  return new OciError('PAYLOAD_TOO_LARGE', { message: `request body is larger than ${limit} bytes` });
}

/** The client hung up, or sent a body that is no HTTP: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor(options?: ErrorOptions) {
    super('the client closed the connection before its request was complete', options);
  }
}
