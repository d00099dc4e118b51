import type { Readable } from 'node:stream';
import { ClientGone } from '@berth/protocol/http';

/** The bytes of a request: a chunk of a blob, or all of it. To destroy it ends the connection that they come by. */
export type Body = Pick<Readable, 'iterator' | 'destroy'>;

/**
 * Tells a client that hung up from a store that failed. Where the caller stops in the middle, the rest can be discarded
 * with `resume`: a client that sends everything before it reads the answer would wait for ever otherwise.
 */
export async function* arriving(body: Body): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false })) yield chunk;
  } catch (error) {
    throw new ClientGone({ cause: error });
  }
}
