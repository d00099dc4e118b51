import { OciError } from '@berth/protocol';
import { jsonReply, sendReply, type Client, type Reply } from '@berth/protocol/http';
import type { Middleware } from 'koa';
import type { IncomingMessage } from 'node:http';
import { tokenPath } from '../access/challenger.ts';
import { answerTokenRequest, type TokenEndpointOptions } from './endpoint.ts';
import type { Keys } from './keys.ts';

export const jwksPath = '/.well-known/jwks.json';

/** Verifiers may keep the keys for a while: a new one is published before it signs. Seconds. */
const jwksLife = 5;

export interface TokenRoutesOptions extends TokenEndpointOptions {
  readonly keys: Keys;
  /** Where a request comes from. */
  readonly client: (request: IncomingMessage) => Client;
}

/** The two addresses that clients and registries know; everything else goes on to the next middleware. */
export function tokenRoutes(options: TokenRoutesOptions): Middleware {
  return async ({ req, res, path }, next) => {
    if (path === tokenPath) {
      res.setHeader('cache-control', 'no-store');
      await sendReply(req, res, await answerTokenRequest(options, req, options.client(req).address));
    } else if (path === jwksPath) {
      await sendReply(req, res, await answerJwks(options.keys, req.method));
    } else {
      await next();
    }
  };
}

async function answerJwks(keys: Keys, method = ''): Promise<Reply> {
  if (method !== 'GET' && method !== 'HEAD') {
    throw new OciError('UNSUPPORTED', { headers: { allow: 'GET, HEAD' } });
  }
  const published = (await keys.list()).map((key) => key.publicJwk);
  return jsonReply(200, { keys: published }, { 'cache-control': `public, max-age=${jwksLife}` });
}
