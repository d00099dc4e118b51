import { basic, type Registry } from './registry.ts';

/** One account, or nobody, in front of a registry. */
export interface Somebody {
  readonly name: string;
  /** `Authorization` for the token endpoint and the administration API. */
  readonly authorization: string;
  /** A call of the administration API. */
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }>;
  /** A call of the registry API, below `/v2/`, with a token for the scopes. */
  v2(method: string, path: string, scopes: readonly string[], more?: RequestInit): Promise<Response>;
  token(scopes: readonly string[], query?: Readonly<Record<string, string>>): Promise<any>;
}

const json = { 'content-type': 'application/json' };

/** Somebody who comes with `secret`, a password or a personal access token; without one, nobody. */
export function somebody(registry: Registry, name: string, secret = ''): Somebody {
  const authorization = secret === '' ? '' : basic({ user: name, password: secret });
  const known = authorization === '' ? {} : { authorization };
  const token = async (
    scopes: readonly string[],
    query: Readonly<Record<string, string>> = {},
  ): Promise<any> => {
    const parameters = new URLSearchParams([
      ...scopes.map((scope) => ['scope', scope]),
      ...Object.entries(query),
    ]);
    return (await fetch(`${registry.url}/auth/token?${parameters}`, { headers: known })).json();
  };
  return {
    name,
    authorization,
    token,
    async api(method, path, body) {
      const init = {
        method,
        headers: { ...known, ...json },
        ...(body !== undefined && method !== 'GET' && { body: JSON.stringify(body) }),
      };
      const answer = await fetch(`${registry.url}/api/v1${path}`, init);
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    async v2(method, path, scopes, more = {}) {
      const bearer = { authorization: `Bearer ${(await token(scopes)).token}` };
      return fetch(`${registry.url}/v2/${path}`, {
        ...more,
        method,
        headers: { ...bearer, ...more.headers },
      });
    },
  };
}

/** A new account with a password. */
export async function newUser(registry: Registry, name: string): Promise<Somebody> {
  const password = `password of ${name}`;
  const { status, body } = await registry.api('POST', '/users', { name, password });
  if (status !== 201) throw new Error(`no user ${name}: ${JSON.stringify(body)}`);
  return somebody(registry, name, password);
}

/** Everything of an answer but ids and times, as one text. */
export async function seen(answer: Response): Promise<string> {
  const headers = [...answer.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return JSON.stringify([answer.status, headers, await answer.text()]);
}
