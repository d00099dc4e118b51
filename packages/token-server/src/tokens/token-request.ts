import { OciError, parseScopes, type Scope } from '@berth/protocol';
import { authorizationOf, readBody } from '@berth/protocol/http';
import type { IncomingMessage } from 'node:http';
import { parseAuthorization } from '../access/authorization.ts';

/** What somebody proves himself with, as it was sent. An empty password is none (rule 32). */
export type Proof =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'password'; readonly user: string; readonly secret: string }
  | { readonly kind: 'refresh'; readonly secret: string }
  | { readonly kind: 'malformed' };

/** A request for a token: distribution/distribution `docs/content/spec/auth/token.md` (GET) and `oauth.md` (POST). */
export interface TokenRequest {
  readonly method: 'GET' | 'POST';
  readonly proof: Proof;
  /** All that were sent and are not empty. */
  readonly services: readonly string[];
  readonly scopes: readonly Scope[];
  /** A refresh token is wanted. */
  readonly offline: boolean;
}

/** Fifty scopes with the longest names, and a password. */
const longestForm = 64 * 1024;

/** Throws `UNSUPPORTED` for another method, `BAD_REQUEST` for what contradicts itself. */
export async function readTokenRequest(request: IncomingMessage): Promise<TokenRequest> {
  const authorization = authorizationOf(request);
  const query = new URLSearchParams((request.url ?? '').split('?').slice(1).join('?'));
  if (request.method === 'GET') return readGet(query, authorization);
  if (request.method === 'POST') return readPost(query, await readForm(request), authorization);
  throw new OciError('UNSUPPORTED', { message: 'only GET and POST', headers: { allow: 'GET, POST' } });
}

function readGet(query: URLSearchParams, authorization: string | undefined): TokenRequest {
  const offline = query.get('offline_token') === 'true';
  return { method: 'GET', proof: proofOfHeader(authorization), offline, ...wanted(query) };
}

function readPost(
  query: URLSearchParams,
  form: URLSearchParams,
  authorization: string | undefined,
): TokenRequest {
  if (authorization !== undefined) throw badRequest('credentials in the Authorization header and in a form');
  const proof = proofOfForm(form);
  const both = new URLSearchParams([...query, ...form]);
  return { method: 'POST', proof, offline: form.get('access_type') === 'offline', ...wanted(both) };
}

/** Podman sends the form in chunks, without a length (rule 53). */
async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams((await readBody(request, longestForm)).toString('utf8'));
}

function wanted(parameters: URLSearchParams): Pick<TokenRequest, 'services' | 'scopes'> {
  const services = parameters.getAll('service').filter((service) => service !== '');
  return { services, scopes: parseScopes(parameters.getAll('scope')) };
}

function proofOfHeader(header: string | undefined): Proof {
  const authorization = parseAuthorization(header);
  switch (authorization.scheme) {
    case 'none':
    case 'anonymous':
      return { kind: 'anonymous' };
    case 'basic':
      return { kind: 'password', user: authorization.user, secret: authorization.secret };
    default:
      return { kind: 'malformed' };
  }
}

function proofOfForm(form: URLSearchParams): Proof {
  switch (form.get('grant_type')) {
    case 'password': {
      const secret = form.get('password') ?? '';
      return secret === ''
        ? { kind: 'anonymous' }
        : { kind: 'password', user: form.get('username') ?? '', secret };
    }
    case 'refresh_token':
      return { kind: 'refresh', secret: form.get('refresh_token') ?? '' };
    default:
      throw badRequest('grant_type is neither password nor refresh_token');
  }
}

function badRequest(message: string): OciError {
  return new OciError('BAD_REQUEST', { message });
}
