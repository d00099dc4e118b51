import { openDatabase, readVersion } from '@berth/database';
import { OciError, type Actor, type AdminRoute, type Identify, type Logger } from '@berth/protocol';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentify, localActor } from '../admin/identify.ts';
import { administrationRoutes } from '../admin/routes.ts';
import { createAuditLog } from '../audit-log.ts';
import { createLogin } from '../authenticators/login.ts';
import { passwordAuthenticator } from '../authenticators/password.ts';
import { personalTokenAuthenticator } from '../authenticators/personal-token.ts';
import { createPasswordHasher } from '../credentials/password-hash.ts';
import { createPasswordMemory } from '../credentials/password-memory.ts';
import type { TokenDatabase } from '../database.ts';
import { createPrincipals } from '../policy/principals.ts';
import { migrations } from '../schema/migrations.ts';
import type { TokenServerTables } from '../schema/tables.ts';
import { versionReader } from '../versions.ts';

export const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

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

/** The identities and their administration on a database of their own, without HTTP. */
export async function openWorld({ repositories = [] as string[], reserved = ['docker.io'] } = {}) {
  const { database, remove } = await openTemporary();
  const audit = createAuditLog({ database, logger: silent });
  const hasher = createPasswordHasher();
  const principals = createPrincipals(database, versionReader(database));
  const authenticators = [
    personalTokenAuthenticator({ database, logger: silent }),
    passwordAuthenticator({ database, hasher, memory: createPasswordMemory() }),
  ];
  const login = createLogin({ authenticators, audit });
  const options = { login, principals, service: 'berth' };
  const identify = createIdentify(options);
  const ownsRepositoriesBelow = async (name: string) =>
    repositories.some((text) => text.startsWith(`${name}/`));
  const names = { reserved, ownsRepositoriesBelow };
  const routes = administrationRoutes({ database, audit, principals, hasher, names });
  const call = callerOf(routes);
  const local = localActor(options);
  const as = actorsOf(identify);
  return {
    database,
    audit,
    hasher,
    principals,
    login,
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
    close: async () => {
      await audit.close();
      await remove();
    },
  };
}

export async function openTemporary(): Promise<{ database: TokenDatabase; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-token-server-'));
  const database = await openDatabase<TokenServerTables>(join(folder, 'berth.db'));
  await database.migrate('token-server', migrations);
  const remove = async () => {
    await database.close();
    await rm(folder, { recursive: true });
  };
  return { database, remove };
}

/** By `alice` with her password, or by the secret of a token. */
function actorsOf(identify: Identify): (who: string) => Promise<Actor> {
  return (who) => {
    const basic = Buffer.from(`${who}:${password(who)}`).toString('base64');
    const authorization = who.startsWith('brt_') ? `Bearer ${who}` : `Basic ${basic}`;
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
  const body = route.body?.safeParse(request.body);
  const query = route.query?.safeParse(request.query);
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

function match(pattern: string, path: string): Record<string, string> | undefined {
  const names = pattern.split('/');
  const segments = path.split('/');
  if (names.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const segment = segments[index] ?? '';
    if (name.startsWith(':')) params[name.slice(1)] = segment;
    else if (name !== segment) return undefined;
  }
  return params;
}
