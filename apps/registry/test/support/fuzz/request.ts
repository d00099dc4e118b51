import { Agent, request as open } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSocket } from '../raw-http.ts';

/** A request that may be nonsense. */
export interface FuzzRequest {
  readonly method: string;
  /** The target; `{session}` is replaced by an upload that has just begun. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FuzzAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Milliseconds until an answer is late enough to be called a hang. */
const patience = 10_000;

/** Sends it as node:http does, which sends what fetch refuses to. */
export function send(
  port: number,
  agent: Agent,
  { method, path, headers, body = '' }: FuzzRequest,
): Promise<FuzzAnswer> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': Buffer.byteLength(body) };
    const sent = open({ host: '127.0.0.1', port, agent, method, path, headers: { ...length, ...headers } });
    const late = setTimeout(() => sent.destroy(new Error(`no answer in ${patience} ms`)), patience);
    sent.on('error', reject);
    sent.on('close', () => clearTimeout(late));
    sent.on('connect', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: '' });
    });
    sent.on('response', (response) => {
      const texts: string[] = [];
      response.setEncoding('utf8').on('data', (text: string) => texts.push(text));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: texts.join('') }),
      );
    });
    sent.end(body);
  });
}

/** Writes just these bytes, hangs up its own half, and gives all that is answered. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const socket = await openSocket(port);
  const late = setTimeout(() => socket.destroy(new Error(`not closed in ${patience} ms`)), patience);
  const texts: string[] = [];
  const closed = new Promise<void>((resolve, reject) => {
    socket.on('close', () => resolve());
    socket.on('error', (error) => (/not closed/.test(error.message) ? reject(error) : resolve()));
  });
  const answered = new Promise<void>((resolve) => {
    socket.setEncoding('latin1').on('data', (part: string) => {
      texts.push(part);
      resolve();
    });
  });
  socket.write(text, 'latin1');
  await Promise.race([answered, closed, sleep(20)]);
  socket.end();
  await closed.finally(() => clearTimeout(late));
  return texts.join('');
}
