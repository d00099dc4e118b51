import type { RequestListener } from 'node:http';
import { edge, jsonReply, sendReply } from '@berth/protocol/http';
import Koa, { type Middleware } from 'koa';
import { adminApi } from './admin-api.ts';
import { noRegistry, noRepositories } from './no-registry.ts';
import { openApi } from './openapi/serve.ts';
import { adminRoutesOf, type Parts } from './parts.ts';
import { translateError } from './translate-error.ts';
import { version } from './installation.ts';

export interface HandlerOptions {
  readonly parts: Parts;
  /** Whoever calls is `local`, the command line on this machine: never to be reached from a port. */
  readonly local?: boolean;
}

/** All that Berth answers, as one listener. */
export function createHandler({ parts, local = false }: HandlerOptions): RequestListener {
  const { logger, client, distribution, tokenServer, configuration } = parts;
  const app = new Koa();
  // The edge logs; Koa would print a stack for each client that leaves a download.
  app.silent = true;
  app.use(edge({ logger, translate: translateError }));
  app.use(distribution?.middleware ?? noRegistry);
  if (configuration.auth.kind === 'builtin') app.use(tokenServer.tokenRoutes);
  const routes = adminRoutesOf(parts);
  app.use(openApi({ routes, version }));
  app.use(
    adminApi({
      routes,
      identify: local ? async () => tokenServer.localActor() : tokenServer.identify,
      client,
      ...(distribution === undefined && { unknownAddress: noRepositories }),
    }),
  );
  app.use(welcome);
  return app.callback();
}

/** For load balancers, and for people who open the address in a browser. */
const welcome: Middleware = async (ctx, next) => {
  if (ctx.path !== '/' && ctx.path !== '/healthz') return next();
  await sendReply(
    ctx.req,
    ctx.res,
    jsonReply(200, { name: 'berth', version }, { 'cache-control': 'no-cache' }),
  );
};
