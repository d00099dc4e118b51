import {
  createServer,
  request,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Served {
  readonly port: number;
  /** One request on a connection of its own; resolves when the answer is complete, rejects where it is cut short. */
  ask(options?: RequestOptions & { readonly body?: string }): Promise<Answer>;
  /** A connection to write to by hand. */
  connect(): Promise<Socket>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<unknown> | void;

/** Real HTTP on a free port of this machine. */
export async function serve(listener: Listener, host = '127.0.0.1'): Promise<Served> {
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    ask: ({ body, ...options } = {}) => ask({ port, host: '127.0.0.1', agent: false, ...options }, body),
    connect: async () => {
      const socket = connect(port, '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      return socket;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function ask(options: RequestOptions, body: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      const { statusCode = 0, headers } = response;
      text(response).then((body) => resolve({ status: statusCode, headers, body }), reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Resolves once `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not come to pass within twenty seconds');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
