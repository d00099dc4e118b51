import type { IncomingMessage } from 'node:http';
import { OciError } from '../errors.ts';

const header = 'authorization';

/** The one `Authorization` header. Throws `BAD_REQUEST` where there are two: Node would keep the first and say nothing. */
export function authorizationOf({ headers, rawHeaders }: IncomingMessage): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined && countOf(rawHeaders) > 1)
    throw new OciError('BAD_REQUEST', { message: 'more than one Authorization header' });
  return authorization;
}

/** Without `headersDistinct`, which makes an object of all headers again. Names and values stand in turn. */
function countOf(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === header.length && name.toLowerCase() === header) count += 1;
  }
  return count;
}
