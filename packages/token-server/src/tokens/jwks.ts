import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OciError } from '@berth/protocol';
import { jsonReply, type Reply } from '@berth/protocol/http';
import type { Keys } from './keys.ts';

/** A key that had to be removed in a hurry is forgotten after this, in seconds. */
const longestLife = 300;

export interface JwksOptions {
  readonly keys: Pick<Keys, 'list'>;
  /** How long a new key is published before it signs, in milliseconds. */
  readonly publishBefore: number;
}

/**
 * RFC 7517, section 5. Kept no longer than a new key is published before it signs, so that nobody who keeps it by its
 * `max-age` meets a key that he does not know.
 */
export async function answerJwks(
  { keys, publishBefore }: JwksOptions,
  { method = '', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
): Promise<Reply> {
  if (method !== 'GET' && method !== 'HEAD') {
    throw new OciError('UNSUPPORTED', { headers: { allow: 'GET, HEAD' } });
  }
  const body = { keys: (await keys.list()).map(({ publicJwk }) => publicJwk) };
  const life = Math.min(longestLife, Math.floor(publishBefore / 1000));
  const etag = `"${hash('sha256', JSON.stringify(body), 'base64url')}"`;
  const caching = { 'cache-control': `public, max-age=${life}`, etag };
  if (matches(headers['if-none-match'], etag)) return { status: 304, headers: caching };
  return jsonReply(200, body, caching);
}

/** RFC 9110, section 13.1.2: weakly compared, since a proxy that compresses makes it weak. */
function matches(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag) || tags.includes('*');
}
