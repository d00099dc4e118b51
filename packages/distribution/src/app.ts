import type { IncomingMessage } from 'node:http';
import { OciError, parseRepositoryName, type Access, type FindRepository, type Scope } from '@berth/protocol';
import { jsonReply, type Client, type Reply, type Visit } from '@berth/protocol/http';
import { requireDeletion } from './deletion-switch.ts';
import type { Exchange, RecordChange } from './exchange.ts';
import { Gate, neededScopes, type GateOptions } from './gate.ts';
import type { listHandlers } from './handlers/lists.ts';
import { effectiveMethod, wrongMethod } from './http/methods.ts';
import { parsePath, type Target } from './http/path.ts';
import { parseTarget } from './http/target.ts';
import { requireWritable } from './read-only.ts';
import type { Endpoint, Route } from './routes.ts';

export interface AppOptions extends GateOptions {
  readonly routes: readonly Route[];
  readonly catalog: ReturnType<typeof listHandlers>['catalog'];
  readonly findRepository: FindRepository;
  /** `storage.delete.enabled` of the configuration. */
  readonly deleteEnabled: boolean;
  /** `storage.maintenance.readonly.enabled` of the configuration. */
  readonly readOnly: boolean;
  /** `http.relativeurls` of the configuration: whether `Location` is without scheme and host. */
  readonly relativeUrls: boolean;
}

/** `undefined` for a path outside `/v2/`. */
export type AnswerRegistry = (visit: Visit) => Promise<Reply> | undefined;

/** The registry's API below `/v2/`. */
export function distributionApp(options: AppOptions): AnswerRegistry {
  const app = new DistributionApp(options);
  return (visit) => {
    const { path, query } = parseTarget(visit.request.url ?? '/');
    if (path !== '/v2' && !path.startsWith('/v2/')) return undefined;
    visit.headers.push('docker-distribution-api-version', 'registry/2.0');
    return app.answer({ visit, request: visit.request, path, query });
  };
}

interface Asked {
  /** Gets the name of the account, for the log of requests. */
  readonly visit: Visit;
  readonly request: IncomingMessage;
  readonly path: string;
  readonly query: URLSearchParams;
}

class DistributionApp {
  readonly #options: AppOptions;
  readonly #routes: Partial<Record<Endpoint, Route[]>>;
  readonly #gate: Gate;

  constructor(options: AppOptions) {
    this.#options = options;
    this.#routes = Object.groupBy(options.routes, ({ endpoint }) => endpoint);
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
  async #answerBase({ request, visit }: Asked): Promise<Reply> {
    note(visit, await this.#gate.authenticate(request, []));
    return jsonReply(200, {});
  }

  async #answerCatalog({ request, query, visit }: Asked): Promise<Reply> {
    const access = await this.#gate.authenticateForCatalog(request);
    note(visit, access);
    return this.#options.catalog({ access, query });
  }

  async #answerRepository(asked: Asked, target: Target & { kind: 'repository' }): Promise<Reply> {
    const { request, query, visit } = asked;
    const route = this.#route(request, target.endpoint);
    const name = parseRepositoryName(target.name);
    const needed = neededScopes(name, route, query);
    const access = await this.#gate.authenticate(request, needed);
    note(visit, access);
    const repository = await this.#options.findRepository(name);
    this.#gate.check(request, access, repository, route, needed);
    if (route.deletes) requireDeletion(this.#options.deleteEnabled);
    if (route.method !== 'GET') requireWritable(this.#options.readOnly);
    const { argument } = target;
    const event = { action: `registry.${route.needs}`, repository, target: argument } as const;
    const record: RecordChange = (trx, change) =>
      this.#gate.recordChange(trx, request, access, { ...event, ...change });
    const exchange = { request, query, access, repository, argument, record };
    const renewed = () => this.#renew({ ...exchange, renewed }, route, needed);
    return this.#handle(route, { ...exchange, renewed });
  }

  async #renew(exchange: Exchange, route: Route, needed: readonly Scope[]): Promise<Exchange> {
    const access = (await exchange.access.renewed?.(needed)) ?? exchange.access;
    const repository = await this.#options.findRepository(exchange.repository.name);
    this.#gate.check(exchange.request, access, repository, route, needed);
    return { ...exchange, access, repository };
  }

  async #handle(route: Route, exchange: Exchange): Promise<Reply> {
    const { request, access, repository, argument: target } = exchange;
    const action = `registry.${route.needs}` as const;
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

  #route(request: IncomingMessage, endpoint: Endpoint): Route {
    const method = effectiveMethod(request.method);
    const ofEndpoint = this.#routes[endpoint] ?? [];
    const route = ofEndpoint.find((route) => route.method === method);
    if (route === undefined) throw wrongMethod(ofEndpoint.map((route) => route.method));
    return route;
  }
}

function note(visit: Visit, { account }: Access): void {
  visit.account = account?.name;
}

/** The URL of a blob in a bucket is absolute already. */
function withAbsoluteLocation(reply: Reply, { origin }: Client): Reply {
  const location = reply.headers?.['location'];
  if (typeof location !== 'string' || !location.startsWith('/')) return reply;
  return { ...reply, headers: { ...reply.headers, location: `${origin}${location}` } };
}

/** The error about a chunk out of order has a `Location`: where the upload goes on. */
function errorWithAbsoluteLocation(error: unknown, { origin }: Client): unknown {
  const location = error instanceof OciError ? error.headers['location'] : undefined;
  if (!(error instanceof OciError) || location === undefined) return error;
  const { code, message, status, detail, headers } = error;
  const absolute = { ...headers, location: `${origin}${location}` };
  return new OciError(code, { message, status, detail, headers: absolute, cause: error });
}
