import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';

import { selfSigned } from './self-signed.ts';

/** TLS in front of a server that has none. */
export interface TlsFront {
  /** `https://127.0.0.1:<port>`. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** With a certificate that nobody trusts. `target` is `http://<host>:<port>`. */
export async function startTlsFront(target: string): Promise<TlsFront> {
  const { hostname, port } = new URL(target);
  const open = new Set<TLSSocket>();
  const server = createServer(await selfSigned(), (socket) => {
    const behind = connect(Number(port), hostname);
    open.add(socket);
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy()).once('close', () => other.destroy());
    }
    socket.once('close', () => open.delete(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
