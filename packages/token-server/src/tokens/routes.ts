import { sendReply, type Client } from '@berth/protocol/http';
import type { Middleware } from 'koa';
import type { IncomingMessage } from 'node:http';
import { tokenPath } from '../access/challenger.ts';
import { answerTokenRequest, type TokenEndpointOptions } from './endpoint.ts';
import { answerJwks, type JwksOptions } from './jwks.ts';

const jwksPath = '/.well-known/jwks.json';

export interface TokenRoutesOptions extends TokenEndpointOptions, JwksOptions {
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
      await sendReply(req, res, await answerJwks(options, req));
    } else {
      await next();
    }
  };
}
