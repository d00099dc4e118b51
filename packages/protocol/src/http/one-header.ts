import type { IncomingMessage } from 'node:http';
import { OciError } from '../errors.ts';

/** Throws `BAD_REQUEST` where a header is there twice: Node would keep the first and say nothing. `name` in lower case. */
export function requireOne({ rawHeaders }: IncomingMessage, name: string, shown: string): void {
  if (countOf(rawHeaders, name) > 1)
    throw new OciError('BAD_REQUEST', { message: `more than one ${shown} header` });
}

/** Without `headersDistinct`, which makes an object of all headers again. Names and values stand in turn. */
function countOf(rawHeaders: readonly string[], wanted: string): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === wanted.length && name.toLowerCase() === wanted) count += 1;
  }
  return count;
}
