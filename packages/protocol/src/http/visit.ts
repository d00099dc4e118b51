import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply } from './reply.ts';

/** One request on its way from the edge to whoever answers it. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** In the log, and in `X-Request-Id`. */
  readonly id: string;
  /** What every answer to it carries, an error too: names in lower case and values in turn, as Node takes them fastest. */
  readonly headers: string[];
  /** Name of the account, for the log. */
  account?: string | undefined;
}

/** Resolves to the answer, or to `undefined` where there is none or it was written to the response already. */
export type Answer = (visit: Visit) => Promise<Reply | undefined>;

export function beginVisit(request: IncomingMessage, response: ServerResponse): Visit {
  const id = randomUUID();
  const headers = ['x-request-id', id, 'x-content-type-options', 'nosniff'];
  return { request, response, id, headers, account: undefined };
}
