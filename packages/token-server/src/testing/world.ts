import { readVersion } from '@berth/database';
import { OciError, plainProblem, type Actor, type AdminRoute, type Identify } from '@berth/protocol';
import type { BufferedAuditLog } from '../audit-log.ts';
import { basic, openServer } from './server.ts';

/** What the edge would answer. */
export interface Answer {
  readonly status: number;
  readonly body: any;
}

export interface Call {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
}

export type World = Awaited<ReturnType<typeof openWorld>>;

export const password = (name: string) => `password of ${name}`;

export const address = '192.0.2.7';

/** A token server and its administration, without HTTP. */
export async function openWorld({ repositories = [] as string[], reserved = ['docker.io'] } = {}) {
  const opened = await openServer({ reservedNames: reserved });
  for (const name of repositories) opened.repositories.set(name, 'private');
  const { server, database, close } = opened;
  const { identify, adminRoutes: routes } = server;
  const audit = server.audit as BufferedAuditLog;
  const call = callerOf(routes);
  const local = server.localActor();
  const as = actorsOf(identify);
  return {
    database,
    repositories: opened.repositories,
    audit,
    identify,
    routes,
    local,
    as,
    call,
    /** A new user who comes with a token without limits: no slow hash. */
    newcomer: async (name: string, { admin = false } = {}) => {
      await call(local, 'POST /users', { body: { name, admin } });
      const { body } = await call(local, 'POST /tokens', { body: { name: 'test', user: name } });
      return as(body.secret);
    },
    version: () => readVersion(database.reader, 'policy'),
    close,
  };
}

/** By `alice` with her password, or by the secret of a token. */
function actorsOf(identify: Identify): (who: string) => Promise<Actor> {
  return (who) => {
    const authorization = who.startsWith('brt_') ? `Bearer ${who}` : basic(who, password(who));
    return identify({ authorization, address, origin: 'http://localhost:5000' });
  };
}

/** Finds the row of `GET /users/alice`, validates by its schemas, and answers as the edge would. */
function callerOf(routes: readonly AdminRoute[]) {
  return async (actor: Actor, request: string, { body, query = {} }: Call = {}): Promise<Answer> => {
    const [method = '', path = ''] = request.split(' ');
    for (const route of routes) {
      const params = method === route.method ? match(route.path, path) : undefined;
      if (params !== undefined) return answer(route, { actor, params, body, query });
    }
    throw new Error(`there is no ${request}`);
  };
}

async function answer(route: AdminRoute, request: Parameters<AdminRoute['handle']>[0]): Promise<Answer> {
  const body = route.body?.safeParse(request.body, { error: plainProblem });
  const query = route.query?.safeParse(request.query, { error: plainProblem });
  const issue = body?.error?.issues[0] ?? query?.error?.issues[0];
  if (issue !== undefined) return { status: 400, body: `${issue.path.join('.')}: ${issue.message}` };
  try {
    const reply = await route.handle({ ...request, body: body?.data, query: query?.data });
    if (reply.body !== undefined) route.response?.parse(reply.body);
    return { status: reply.status ?? (reply.body === undefined ? 204 : 200), body: reply.body };
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    return { status: error.status, body: error.toJSON().errors[0] };
  }
}

/** Parts of the path by their names; `*name` takes any number of segments. */
function match(pattern: string, path: string): Record<string, string> | undefined {
  const expression = pattern.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)').replaceAll(/\*(\w+)/g, '(?<$1>.+)');
  const found = new RegExp(`^${expression}$`).exec(path);
  return found === null ? undefined : { ...found.groups };
}
