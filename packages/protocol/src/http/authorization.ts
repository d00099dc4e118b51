import type { IncomingMessage } from 'node:http';
import { requireOne } from './one-header.ts';

/** The one `Authorization` header. Throws `BAD_REQUEST` where there are two. */
export function authorizationOf(request: IncomingMessage): string | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) requireOne(request, 'authorization', 'Authorization');
  return authorization;
}
