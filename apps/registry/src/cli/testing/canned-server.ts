import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server was asked. */
export interface Recorded {
  readonly method: string;
  /** With its query, below `/api/v1`. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

export interface CannedAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Stands for a Berth in another process: it answers in turn with what it was given and remembers what it was asked. */
export function cannedHandler(answers: readonly CannedAnswer[]): {
  handler: RequestListener;
  requests: Recorded[];
} {
  const requests: Recorded[] = [];
  const handler: RequestListener = async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const answer = answers[requests.length] ?? { status: 500, body: 'asked too often' };
    requests.push({
      method: request.method ?? '',
      path: (request.url ?? '').replace(/^\/api\/v1/, ''),
      authorization: request.headers.authorization,
      contentType: request.headers['content-type'],
      body: text === '' ? undefined : JSON.parse(text),
    });
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    const { body } = answer;
    response.end(typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body));
  };
  return { handler, requests };
}

export interface Listening extends AsyncDisposable {
  readonly url: string;
}

export async function listen(handler: RequestListener): Promise<Listening> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close };
}
