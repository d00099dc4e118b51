import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { arriving } from './body.ts';

async function takeOne(request: IncomingMessage): Promise<void> {
  for await (const _ of arriving(request)) throw new Error('the disk is full');
}

/** Answers in the middle of the body, and then discards the rest, as `listen` of the server does. */
async function refuse(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await expect(takeOne(request)).rejects.toThrow('the disk is full');
  response.once('finish', () => request.resume());
  response.writeHead(503).end();
}

test('what a store has not read can be discarded, for a client that sends all before it reads', async () => {
  const server = createServer((request, response) => void refuse(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  try {
    const body = Buffer.alloc(32 * 1024 * 1024);
    socket.write(`PATCH / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`);
    await new Promise((sent) => socket.write(body, sent));
    expect(String((await once(socket, 'data'))[0])).toContain('503');
  } finally {
    socket.destroy();
    server.close();
  }
});

test('a client that hung up is told from a store that failed', async () => {
  const body = new Readable({ read: () => body.destroy(new Error('reset')) });
  await expect(arriving(body).next()).rejects.toMatchObject({ name: 'ClientGone' });
});
