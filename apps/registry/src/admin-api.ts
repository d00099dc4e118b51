import { OciError, plainProblem, type Actor, type AdminRoute, type Identify } from '@berth/protocol';
import { authorizationOf, jsonReply, readBody, sendReply, type Client } from '@berth/protocol/http';
import { Router } from '@koa/router';
import type { IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import type { z } from 'zod';

const prefix = '/api/v1';

/** No call of the administration API has more to say. */
const mostBytes = 1024 * 1024;

export interface AdminApiOptions {
  readonly routes: readonly AdminRoute[];
  readonly identify: Identify;
  readonly client: (request: IncomingMessage) => Client;
  /** What is said of an address that no route has. */
  readonly unknownAddress?: string;
}

/** Serves the tables of routes of all packages below `/api/v1`: finds out who asks, checks what he sent, and answers. */
export function adminApi(options: AdminApiOptions): Middleware {
  const { unknownAddress: message = 'no such address in the administration API' } = options;
  const router = new Router({ prefix, strict: true });
  for (const route of mostSpecificFirst(options.routes)) {
    router.register(route.path, [route.method], (ctx) => serve(ctx as Context, route, options));
  }
  const middleware = router.routes() as unknown as Middleware;
  return async (ctx, next) => {
    if (!ctx.path.startsWith(`${prefix}/`)) return next();
    const { path, pathAndMethod } = router.match(ctx.path, ctx.method === 'HEAD' ? 'GET' : ctx.method);
    if (path.length === 0) throw new OciError('NOT_FOUND', { message });
    if (pathAndMethod.length === 0) throw wrongMethod(path.flatMap(({ methods }) => methods));
    await middleware(ctx, next);
  };
}

/** `*repository` takes any number of segments, also those of a longer path. */
function mostSpecificFirst(routes: readonly AdminRoute[]): AdminRoute[] {
  return routes.toSorted((one, other) => other.path.length - one.path.length);
}

async function serve(ctx: Context, route: AdminRoute, { identify, client }: AdminApiOptions): Promise<void> {
  const { req } = ctx;
  const whoAsks = (): Promise<Actor> => identify({ authorization: authorizationOf(req), ...client(req) });
  const asked = await whoAsks();
  ctx.state['account'] = asked.name;
  const params = ctx['params'] as Record<string, string>;
  const query = check(route.query, queryOf(ctx.querystring), 'query');
  const body = route.method === 'GET' ? undefined : check(route.body, await readJson(req), 'body');
  // A body may take hours to come: what counts is who asks, and what he may, when it is there.
  const actor = route.method === 'GET' ? asked : await whoAsks();
  const { status, body: answer } = await route.handle({ actor, params, query, body });
  const headers = { 'cache-control': 'no-store' };
  const reply =
    answer === undefined ? { status: status ?? 204, headers } : jsonReply(status ?? 200, answer, headers);
  await sendReply(req, ctx.res, reply);
}

/** Throws `BAD_REQUEST` where a parameter is given twice: `dryRun=true&dryRun=false` must not change anything. */
function queryOf(text: string): Record<string, string> {
  const parameters = [...new URLSearchParams(text)];
  const query = Object.fromEntries(parameters);
  if (Object.keys(query).length === parameters.length) return query;
  throw new OciError('BAD_REQUEST', { message: 'query: a parameter is given twice' });
}

/** A form on another site can send what a browser sends by itself, but not this type. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new OciError('BAD_REQUEST', {
      message: 'changes need Content-Type: application/json',
      status: 415,
    });
  }
  const text = (await readBody(request, mostBytes)).toString('utf8');
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new OciError('BAD_REQUEST', { message: 'the body is not JSON', cause: error });
  }
}

function check(schema: z.ZodType | undefined, value: unknown, place: string): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value, { error: plainProblem });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || place;
  throw new OciError('BAD_REQUEST', { message: `${field}: ${issue?.message}`, detail: { field } });
}

function wrongMethod(methods: readonly string[]): OciError {
  return new OciError('UNSUPPORTED', {
    message: 'this address does not know the method',
    headers: { allow: [...new Set(methods)].sort().join(', ') },
  });
}
