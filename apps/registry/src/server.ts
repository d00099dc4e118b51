import type { RequestListener } from 'node:http';
import { edge, jsonReply, sendReply, throughKoa, type Answer } from '@berth/protocol/http';
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

/** All that Berth answers, as one listener. The registry stands before Koa, which would take a third of a pull's time. */
export function createHandler({ parts, local = false }: HandlerOptions): RequestListener {
  const { logger, distribution } = parts;
  const others = throughKoa(createApp({ parts, local }));
  const answer: Answer = (visit) => distribution?.answer(visit) ?? others(visit);
  return edge({ logger, translate: translateError }, answer);
}

/** Everything but the registry. */
function createApp({ parts, local = false }: HandlerOptions): Koa {
  const { client, distribution, tokenServer, configuration } = parts;
  const app = new Koa();
  if (distribution === undefined) app.use(noRegistry);
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
  return app;
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
