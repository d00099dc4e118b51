import type { IncomingMessage } from 'node:http';
import {
  catalogScope,
  OciError,
  parseRepositoryName,
  repositoryScope,
  type AccessControl,
  type FindRepository,
  type Scope,
} from '@berth/protocol';
import { jsonReply, sendReply, type Client, type Reply } from '@berth/protocol/http';
import type { Middleware } from 'koa';
import type { listHandlers } from './handlers/lists.ts';
import { parsePath, type Target } from './http/path.ts';
import type { Route } from './routes.ts';

export interface AppOptions {
  readonly routes: readonly Route[];
  readonly catalog: ReturnType<typeof listHandlers>['catalog'];
  readonly accessControl: AccessControl;
  readonly findRepository: FindRepository;
  readonly client: (request: IncomingMessage) => Client;
  /** `storage.delete.enabled` of the configuration. */
  readonly deleteEnabled: boolean;
  /** `http.relativeurls` of the configuration: whether `Location` is without scheme and host. */
  readonly relativeUrls: boolean;
}

/** The registry's API below `/v2/`, as one middleware: the path is matched once and the answer written directly. */
export function distributionApp(options: AppOptions): Middleware {
  return async (ctx, next) => {
    const { req, res } = ctx;
    const [path = '', query = ''] = splitOnce(originForm(req.url ?? '/'), '?');
    if (path !== '/v2' && !path.startsWith('/v2/')) return next();
    res.setHeader('docker-distribution-api-version', 'registry/2.0');
    const target = parsePath(path);
    if (target === undefined)
      throw new OciError('NOT_FOUND', { message: 'no such address in the registry API' });
    const reply = await answer(options, req, target, query, ctx.state);
    await sendReply(
      req,
      res,
      options.relativeUrls ? reply : withAbsoluteLocation(reply, options.client(req)),
    );
  };
}

function withAbsoluteLocation(reply: Reply, { origin }: Client): Reply {
  const location = reply.headers?.['location'];
  return location === undefined
    ? reply
    : { ...reply, headers: { ...reply.headers, location: `${origin}${location}` } };
}

/** Where the edge's log looks for who asked. */
interface State {
  account?: string;
}

function answer(
  options: AppOptions,
  request: IncomingMessage,
  target: Target,
  query: string,
  state: State,
): Promise<Reply> {
  switch (target.kind) {
    case 'base':
      return answerBase(options, request, state);
    case 'catalog':
      return answerCatalog(options, request, query, state);
    case 'repository':
      return answerRepository(options, request, target, query, state);
  }
}

/** Any valid token opens it; without one it is 401, whatever is public (rules 1 to 3). */
async function answerBase(options: AppOptions, request: IncomingMessage, state: State): Promise<Reply> {
  checkMethod(request, ['GET']);
  await authenticate(options, request, [], state);
  return jsonReply(200, {});
}

async function answerCatalog(
  options: AppOptions,
  request: IncomingMessage,
  query: string,
  state: State,
): Promise<Reply> {
  checkMethod(request, ['GET']);
  const access = await authenticate(options, request, [catalogScope], state);
  if (!access.mayList()) throw access.challenge([catalogScope]);
  return options.catalog({ access, query: new URLSearchParams(query) });
}

async function answerRepository(
  options: AppOptions,
  request: IncomingMessage,
  target: Target & { kind: 'repository' },
  query: string,
  state: State,
): Promise<Reply> {
  const route = routeOf(options.routes, request, target.endpoint);
  const name = parseRepositoryName(target.name);
  const needed = neededScopes(name, route, query);
  const access = await authenticate(options, request, needed, state);
  const repository = await options.findRepository(name);
  if (!access.may(repository, route.needs).allowed) throw access.challenge(needed);
  if (route.deletes && !options.deleteEnabled) {
    throw new OciError('UNSUPPORTED', { message: 'deletion is switched off (storage.delete.enabled)' });
  }
  const { argument } = target;
  return route.handler({ request, query: new URLSearchParams(query), access, repository, argument });
}

function routeOf(routes: readonly Route[], request: IncomingMessage, endpoint: Route['endpoint']): Route {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const ofEndpoint = routes.filter((route) => route.endpoint === endpoint);
  const route = ofEndpoint.find((route) => route.method === method);
  if (route === undefined) throw wrongMethod(ofEndpoint.map((route) => route.method));
  return route;
}

function checkMethod(request: IncomingMessage, methods: readonly string[]): void {
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  if (!methods.includes(method)) throw wrongMethod(methods);
}

function wrongMethod(methods: readonly string[]): OciError {
  const allow = methods.includes('GET') ? ['HEAD', ...methods] : methods;
  return new OciError('UNSUPPORTED', {
    message: 'this address does not know the method',
    headers: { allow: [...allow].sort().join(', ') },
  });
}

/** Who pushes pulls too, and who mounts pulls from the source (rule 14). */
function neededScopes(name: string, { needs }: Route, query: string): Scope[] {
  const scope = needs === 'push' ? repositoryScope(name, 'pull', 'push') : repositoryScope(name, needs);
  const from = needs === 'push' && query.includes('from=') ? new URLSearchParams(query).get('from') : null;
  return from === null || from === name ? [scope] : [scope, repositoryScope(from, 'pull')];
}

async function authenticate(options: AppOptions, request: IncomingMessage, needed: Scope[], state: State) {
  const headers = request.headersDistinct.authorization ?? [];
  if (headers.length > 1)
    throw new OciError('BAD_REQUEST', { message: 'more than one Authorization header' });
  const credentials = { authorization: headers[0], ...options.client(request) };
  const access = await options.accessControl.authenticate(credentials, needed);
  if (access.account !== null) state.account = access.account.name;
  return access;
}

/** A target may be a whole URL: RFC 9112, section 3.2.2. */
function originForm(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
