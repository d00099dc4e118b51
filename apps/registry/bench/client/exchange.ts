import { once } from 'node:events';
import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Content } from './content.ts';

export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Content;
  /** The status without which it has failed. */
  readonly expect: number;
}

/** One request on a connection that is kept. Rejects where the status is another one. */
export async function exchange(
  agent: Agent,
  { method, url, headers, body, expect }: Exchange,
): Promise<IncomingMessage> {
  const length = method === 'HEAD' ? {} : { 'content-length': String(body?.size ?? 0) };
  const sent = request(url, { agent, method, headers: { ...headers, ...length } });
  const [answer] = await Promise.all([answerTo(sent), send(sent, body)]);
  const text = await readText(answer);
  if (answer.statusCode !== expect)
    throw new Error(`${method} ${url.pathname}: ${answer.statusCode} ${text}`);
  return answer;
}

function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve).once('error', reject);
  });
}

async function send(sent: ClientRequest, body: Content | undefined): Promise<void> {
  sent.cork();
  for (const chunk of body?.chunks ?? []) {
    if (sent.write(chunk)) continue;
    sent.uncork();
    if (sent.writableNeedDrain) await once(sent, 'drain');
  }
  sent.end();
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
