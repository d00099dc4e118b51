import type { IncomingMessage } from 'node:http';
import { OciError, parseRepositoryName, type Access, type FindRepository } from '@berth/protocol';
import { jsonReply, sendReply, type Client, type Reply } from '@berth/protocol/http';
import type { Middleware } from 'koa';
import { requireDeletion } from './deletion-switch.ts';
import type { Exchange, RecordChange } from './exchange.ts';
import { Gate, neededScopes, type GateOptions } from './gate.ts';
import type { listHandlers } from './handlers/lists.ts';
import { effectiveMethod, wrongMethod } from './http/methods.ts';
import { parsePath, type Target } from './http/path.ts';
import { parseTarget } from './http/target.ts';
import type { Route } from './routes.ts';

export interface AppOptions extends GateOptions {
  readonly routes: readonly Route[];
  readonly catalog: ReturnType<typeof listHandlers>['catalog'];
  readonly findRepository: FindRepository;
  /** `storage.delete.enabled` of the configuration. */
  readonly deleteEnabled: boolean;
  /** `http.relativeurls` of the configuration: whether `Location` is without scheme and host. */
  readonly relativeUrls: boolean;
}

/** The registry's API below `/v2/`, as one middleware: the path is matched once and the answer written directly. */
export function distributionApp(options: AppOptions): Middleware {
  const app = new DistributionApp(options);
  return async (ctx, next) => {
    const { req, res } = ctx;
    const { path, query } = parseTarget(req.url ?? '/');
    if (path !== '/v2' && !path.startsWith('/v2/')) return next();
    res.setHeader('docker-distribution-api-version', 'registry/2.0');
    const seen = (access: Access) => void (ctx.state['account'] = access.account?.name);
    await sendReply(req, res, await app.answer({ request: req, path, query, seen }));
  };
}

interface Asked {
  readonly request: IncomingMessage;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Told who asks, for the log. */
  readonly seen: (access: Access) => void;
}

class DistributionApp {
  readonly #options: AppOptions;
  readonly #gate: Gate;

  constructor(options: AppOptions) {
    this.#options = options;
    this.#gate = new Gate(options);
  }

  async answer(asked: Asked): Promise<Reply> {
    const target = parsePath(asked.path);
    if (target === undefined)
      throw new OciError('NOT_FOUND', { message: 'no such address in the registry API' });
    if (target.kind === 'repository') return this.#answerRepository(asked, target);
    if (effectiveMethod(asked.request.method) !== 'GET') throw wrongMethod(['GET']);
    return target.kind === 'base' ? this.#answerBase(asked) : this.#answerCatalog(asked);
  }

  /** Any valid token opens it; without one it is 401, whatever is public (rules 1 to 3). */
  async #answerBase({ request, seen }: Asked): Promise<Reply> {
    seen(await this.#gate.authenticate(request, []));
    return jsonReply(200, {});
  }

  async #answerCatalog({ request, query, seen }: Asked): Promise<Reply> {
    const access = await this.#gate.authenticateForCatalog(request);
    seen(access);
    return this.#options.catalog({ access, query });
  }

  async #answerRepository(asked: Asked, target: Target & { kind: 'repository' }): Promise<Reply> {
    const { request, query, seen } = asked;
    const route = this.#route(request, target.endpoint);
    const name = parseRepositoryName(target.name);
    const needed = neededScopes(name, route, query);
    const access = await this.#gate.authenticate(request, needed);
    seen(access);
    const repository = await this.#options.findRepository(name);
    this.#gate.check(request, access, repository, route, needed);
    if (route.deletes) requireDeletion(this.#options.deleteEnabled);
    const { argument } = target;
    const event = { action: `registry.${route.needs}`, repository, target: argument };
    const record: RecordChange = (trx, change) =>
      this.#gate.recordChange(trx, request, access, { ...event, ...change });
    return this.#handle(route, { request, query, access, repository, argument, record });
  }

  async #handle(route: Route, exchange: Exchange): Promise<Reply> {
    const { request, access, repository, argument: target } = exchange;
    const action = `registry.${route.needs}`;
    try {
      const reply = await route.handler(exchange);
      return this.#options.relativeUrls ? reply : withAbsoluteLocation(reply, this.#options.client(request));
    } catch (error) {
      if (error instanceof OciError && error.code === 'DENIED') {
        this.#gate.recordDenial(request, access, { action, repository, target, reason: error.message });
      }
      throw this.#options.relativeUrls
        ? error
        : errorWithAbsoluteLocation(error, this.#options.client(request));
    }
  }

  #route(request: IncomingMessage, endpoint: Route['endpoint']): Route {
    const method = effectiveMethod(request.method);
    const ofEndpoint = this.#options.routes.filter((route) => route.endpoint === endpoint);
    const route = ofEndpoint.find((route) => route.method === method);
    if (route === undefined) throw wrongMethod(ofEndpoint.map((route) => route.method));
    return route;
  }
}

function withAbsoluteLocation(reply: Reply, { origin }: Client): Reply {
  const location = reply.headers?.['location'];
  return location === undefined
    ? reply
    : { ...reply, headers: { ...reply.headers, location: `${origin}${location}` } };
}

/** A chunk out of order is told where to go on. */
function errorWithAbsoluteLocation(error: unknown, { origin }: Client): unknown {
  const location = error instanceof OciError ? error.headers['location'] : undefined;
  if (!(error instanceof OciError) || location === undefined) return error;
  const { code, message, status, detail, headers } = error;
  const absolute = { ...headers, location: `${origin}${location}` };
  return new OciError(code, { message, status, detail, headers: absolute, cause: error });
}
