import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the proxy does with a request in place of, or beside, passing it on. */
export type Fault =
  /** Answers this, with the code in the way of S3, and passes nothing on. */
  | { readonly kind: 'answer'; readonly status: number; readonly code: string }
  /** Passes it on and cuts the connection in place of the answer. */
  | { readonly kind: 'lose the answer' }
  /** Passes it on and cuts the connection after so many bytes of the answer. */
  | { readonly kind: 'cut the answer'; readonly after: number }
  /** Writes this to the connection, in pieces 20 ms apart, and passes nothing on. */
  | { readonly kind: 'write'; readonly pieces: readonly string[] }
  /** Passes it on when the test says so. */
  | { readonly kind: 'hold'; readonly until: Promise<void> }
  /** Waits for so many milliseconds before it is passed on. */
  | { readonly kind: 'delay'; readonly milliseconds: number };

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** A real HTTP proxy in front of a real server, which fails on command. */
export interface FaultyProxy {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly requests: SeenRequest[];
  /** Requests that were passed on and whose answer has not ended. */
  readonly open: number;
  /** The next `times` requests that `matches`, such as `PUT /bucket/key?partNumber=2`, meet the fault. */
  failNext(matches: RegExp, fault: Fault, times?: number): void;
  /** How many faults have met no request yet. */
  readonly pending: number;
  /** Forgets the requests and the faults. */
  clear(): void;
  stop(): Promise<void>;
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const planned: { matches: RegExp; fault: Fault; times: number }[] = [];
  const requests: SeenRequest[] = [];
  let open = 0;
  const take = (line: string) => {
    const plan = planned.find(({ matches, times }) => times > 0 && matches.test(line));
    if (plan) plan.times -= 1;
    return plan?.fault;
  };
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    requests.push({ method, url, headers });
    open += 1;
    outgoing.once('close', () => (open -= 1));
    void handle(target, incoming, outgoing, take(`${method} ${decodeURIComponent(url)}`));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get open() {
      return open;
    },
    get pending() {
      return planned.reduce((sum, { times }) => sum + times, 0);
    },
    failNext: (matches, fault, times = 1) => planned.push({ matches, fault, times }),
    clear() {
      planned.length = 0;
      requests.length = 0;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function handle(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault?: Fault,
): Promise<void> {
  if (fault?.kind === 'answer') return refuse(incoming, outgoing, fault);
  if (fault?.kind === 'write') return writeRaw(incoming, fault.pieces);
  if (fault?.kind === 'hold') await fault.until;
  if (fault?.kind === 'delay') await sleep(fault.milliseconds);
  const { method, url, headers } = incoming;
  // The host is part of the signature, so it stays as it came.
  const passed = request(new URL(url ?? '/', target), { method: method ?? 'GET', headers });
  outgoing.once('close', () => passed.destroy());
  let isWhole = false;
  // Swift sends the end of a chunked body behind an answer to HEAD: then the answer is there, and the connection is lost.
  passed.on('error', () => isWhole || outgoing.destroy());
  passed.on('response', (answer) => {
    isWhole = method === 'HEAD';
    if (fault?.kind === 'lose the answer') {
      answer.resume().once('end', () => outgoing.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    if (fault?.kind === 'cut the answer') cut(answer, outgoing, fault.after);
    else answer.pipe(outgoing);
  });
  incoming.pipe(passed);
}

function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, code }: { status: number; code: string },
): void {
  incoming.resume().once('end', () => {
    outgoing.writeHead(status, { 'content-type': 'application/xml' });
    outgoing.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>planned</Message></Error>`);
  });
}

async function writeRaw({ socket }: IncomingMessage, pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) {
    if (!socket.destroyed) socket.write(piece);
    await sleep(20);
  }
}

function cut(answer: IncomingMessage, outgoing: ServerResponse, after: number): void {
  let left = after;
  answer.on('data', (chunk: Buffer) => {
    outgoing.write(chunk.subarray(0, left), () => {
      if (left <= 0) outgoing.destroy();
    });
    left -= chunk.length;
  });
}
