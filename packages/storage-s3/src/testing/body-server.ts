import { once } from 'node:events';
import { createServer, get, type Agent, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer, get as getByTls } from 'node:https';
import type { AddressInfo } from 'node:net';

import { wideAgents } from '../body/agents.ts';
import { selfSigned } from './self-signed.ts';

/** A server whose answers are what is tested, and the agents of the driver before it. */
export interface BodyServer {
  readonly agent: Agent;
  get(path?: string): Promise<IncomingMessage>;
  stop(): Promise<void>;
}

export async function startBodyServer(
  scheme: 'http' | 'https',
  answer: RequestListener,
): Promise<BodyServer> {
  const server = scheme === 'http' ? createServer(answer) : createTlsServer(await selfSigned(), answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const { httpAgent, httpsAgent } = wideAgents(
    { keepAlive: true, maxSockets: 2 },
    { rejectUnauthorized: false },
  );
  const agent = scheme === 'http' ? httpAgent : httpsAgent;
  return {
    agent,
    async get(path = '/') {
      const request = (scheme === 'http' ? get : getByTls)(`${scheme}://127.0.0.1:${port}${path}`, { agent });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return response;
    },
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
