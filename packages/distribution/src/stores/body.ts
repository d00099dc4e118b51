import { ClientGone } from '@berth/protocol/http';

/** The bytes of a request: a chunk of a blob, or all of it. To destroy it ends the connection that they come by. */
export type Body = AsyncIterable<Uint8Array> & { destroy(): unknown };

/** Tells a client that hung up from a store that failed. */
export async function* arriving(body: Body): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<Uint8Array>;
    try {
      next = await chunks.next();
    } catch (error) {
      throw new ClientGone({ cause: error });
    }
    if (next.done) return;
    yield next.value;
  }
}
