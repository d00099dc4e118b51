import type { RequestListener } from 'node:http';
import { readAnswer } from './answer.ts';
import { describeFetchFailure } from './fetch-failure.ts';

/** An answer that is no error. */
export interface Answer {
  readonly status: number;
  /** Its JSON; `undefined` for an empty one. */
  readonly value: unknown;
}

export interface AdminClient {
  /** Sends one request of the administration API; `path` below /api/v1. Rejects with CommandError for any error answer. */
  exchange(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The same, for the value only. */
  request(method: string, path: string, body?: unknown): Promise<unknown>;
  /** The registry's name in image references, such as `localhost:5000`; `undefined` where that is not known. */
  registryHost(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Adds what is the same for every client. */
export function adminClient(own: Omit<AdminClient, 'request'>): AdminClient {
  return {
    ...own,
    request: async (method, path, body) => (await own.exchange(method, path, body)).value,
  };
}

export interface HttpClientOptions {
  /** `http://host:port` or `https://…`, without a slash at its end. */
  readonly server: string;
  /** The `Authorization` header: Basic, or Bearer with a personal access token. */
  readonly authorization: string;
}

/** Longer than any call takes; a server that hangs shall not hang the person who waits. */
const patience = 60_000;

/** To a server elsewhere. Redirects are not followed: a write would arrive as a read, or the password elsewhere. */
export function httpClient({ server, authorization }: HttpClientOptions): AdminClient {
  return adminClient({
    async exchange(method, path, body) {
      const response = await fetch(`${server}/api/v1${path}`, {
        method,
        headers: { ...headersOf(method), authorization },
        body: body === undefined ? null : JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(patience),
      }).catch((error: unknown) => {
        throw describeFetchFailure(error, server);
      });
      const text = await response.text().catch((error: unknown) => {
        throw describeFetchFailure(error, server);
      });
      const answer = {
        status: response.status,
        contentType: response.headers.get('content-type') ?? '',
        location: response.headers.get('location') ?? undefined,
        text,
      };
      return { status: answer.status, value: readAnswer(answer, server) };
    },
    registryHost: async () => new URL(server).host,
    close: async () => {},
  });
}

/** To the handler in this process, whose caller is always the actor `local`. Closing the client does not close the handler. */
export function localClient(handler: RequestListener, registryHost?: string | undefined): AdminClient {
  return adminClient({
    async exchange(method, path, body) {
      const { inject } = await import('light-my-request');
      const response = await inject(withDistinctHeaders(handler), {
        method,
        url: `/api/v1${path}`,
        headers: headersOf(method),
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
      const contentType = String(response.headers['content-type'] ?? '');
      const answer = { status: response.statusCode, contentType, text: response.payload };
      return { status: answer.status, value: readAnswer(answer, 'this process') };
    },
    registryHost: async () => registryHost,
    close: async () => {},
  });
}

/** `light-my-request` makes no `headersDistinct`, which every request of `node:http` has. */
function withDistinctHeaders(handler: RequestListener): RequestListener {
  return (request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]) => [name, [value].flat()]);
    Object.defineProperty(request, 'headersDistinct', { value: Object.fromEntries(headers) });
    handler(request, response);
  };
}

/** Writes demand a content type, also where they have no body. */
function headersOf(method: string): Record<string, string> {
  const accept = { accept: 'application/json' };
  return method === 'GET' ? accept : { ...accept, 'content-type': 'application/json' };
}
