import type { Agent } from 'node:http';
import { payloadOf } from '../support/forgery.ts';
import { send, type FuzzAnswer } from '../support/fuzz/request.ts';
import type { Proof } from './build.ts';
import { manifest } from './content.ts';
import type { Request } from './operations.ts';

/** Where the server is. `fetch` takes twice as long as it. */
export interface Server {
  readonly port: number;
  readonly agent: Agent;
}

/** What the token endpoint gave; no token where it refused. */
export interface Given {
  readonly token?: string;
  /** As `name:action`, in order. */
  readonly access: readonly string[];
}

/** Asks for a token as a client does: with Basic, with a refresh token in a form, or with nothing. */
export async function askToken(
  { port, agent }: Server,
  proof: Proof,
  scopes: readonly string[],
): Promise<Given> {
  const query = new URLSearchParams([['service', 'berth'], ...scopes.map((scope) => ['scope', scope])]);
  const { status, text } = await send(port, agent, tokenRequest(proof, query));
  if (status === 401) return { access: [] };
  if (status !== 200) throw new Error(`the token endpoint: ${status} ${text}`);
  const { token } = JSON.parse(text) as { token: string };
  const access = payloadOf(token)['access'] as { name: string; actions: string[] }[];
  return {
    token,
    access: access.flatMap(({ name, actions }) => actions.map((action) => `${name}:${action}`)),
  };
}

function tokenRequest({ refresh, authorization }: Proof, query: URLSearchParams) {
  const path = '/auth/token';
  if (refresh === undefined) {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    return { method: 'GET', path: `${path}?${query}`, headers };
  }
  query.append('grant_type', 'refresh_token');
  query.append('refresh_token', refresh);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', path, headers, body: query.toString() };
}

/** The answer as `operations.ts` writes it: status, then the code of a refusal, or what a list holds. */
export async function ask(server: Server, request: Request, authorization?: string): Promise<string> {
  const content = request.body === undefined ? undefined : manifest(request.body);
  const headers = {
    ...(authorization !== undefined && { authorization }),
    ...(content !== undefined && { 'content-type': content.type }),
  };
  const answer = await send(server.port, server.agent, {
    method: request.method,
    path: `/v2/${request.path}`,
    headers,
    ...(content !== undefined && { body: content.body }),
  });
  const { status, text } = answer;
  if (status === 401) return `401 ${errorOf(answer)}`;
  if (status === 403 || status === 409) return `${status} ${JSON.parse(text).errors[0].code}`;
  if (status !== 200) return String(status);
  if (request.path.startsWith('_catalog')) return restOf(server, answer, authorization);
  if (request.path.endsWith('/tags/list')) return `200 ${JSON.parse(text).tags.join()}`;
  return request.path.includes('/referrers/') ? `200 ${digestsOf(text)}` : '200';
}

/** The catalog comes in pages. */
async function restOf(
  server: Server,
  { headers, text }: FuzzAnswer,
  authorization: string | undefined,
): Promise<string> {
  const { repositories } = JSON.parse(text) as { repositories: string[] };
  const first = `200 ${repositories.join()}`;
  const next = /<\/v2\/([^>]+)>/.exec(String(headers['link'] ?? ''))?.[1];
  if (next === undefined) return first;
  const rest = await ask(server, { method: 'GET', path: next }, authorization);
  return rest.startsWith('200 ') ? `${first},${rest.slice('200 '.length)}` : rest;
}

function digestsOf(index: string): string {
  const { manifests } = JSON.parse(index) as { manifests: { digest: string }[] };
  return manifests.map(({ digest }) => digest).join();
}

/** `insufficient_scope`, `invalid_token`, or `no-error` where nothing was sent. */
function errorOf({ headers }: FuzzAnswer): string {
  const challenge = String(headers['www-authenticate'] ?? 'no challenge');
  return /error="([^"]*)"/.exec(challenge)?.[1] ?? (challenge.startsWith('Bearer ') ? 'no-error' : challenge);
}
