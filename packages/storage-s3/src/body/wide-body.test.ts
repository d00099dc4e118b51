import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import { patternBytes } from '@berth/storage/testing';
import { afterEach, describe, expect, test } from 'vitest';

import { startBodyServer, type BodyServer } from '../testing/body-server.ts';
import { chunksOfBody, WIDE_FROM } from './wide-body.ts';

const MIB = 1024 * 1024;
const long = patternBytes(9 * MIB + 5);
const pause = () => sleep(1);

let server: BodyServer;
afterEach(() => server.stop());

describe.for(['http', 'https'] as const)('by %s', (scheme) => {
  const start = async (answer: RequestListener) => {
    server = await startBodyServer(scheme, answer);
    return server;
  };

  describe('a long body is whole', () => {
    test.for([
      ['comes at once', { size: long.length }, turn],
      ['comes at once, and is read slowly', { size: long.length }, pause],
      ['comes in pieces', { size: 70_001, wait: turn }, turn],
      ['comes in small pieces, slowly', { size: 20_001, wait: pause }, turn],
      ['comes with its head in one piece with its beginning', { size: 300_000, wait: pause }, turn],
    ] as const)('that %s', async ([, pieces, read]) => {
      const { get } = await start((_, response) => void send(response, long, pieces));
      const body = await get();
      expect((await bytesOf(body, read)).equals(long)).toBe(true);
    });

    test('and its chunks are large where it comes fast', async () => {
      const { get } = await start((_, response) => void send(response, long));
      let chunks = 0;
      for await (const _ of chunksOfBody(await get())) chunks += 1;
      // In records of TLS there would be 577.
      expect(chunks).toBeLessThan(400);
    });
  });

  test('a reader that waits holds the server back', async () => {
    let sent: Socket | undefined;
    const body = Buffer.alloc(64 * MIB);
    const { get } = await start((_, response) => {
      sent = response.socket ?? undefined;
      void send(response, body, { size: MIB });
    });
    const chunks = chunksOfBody(await get())[Symbol.asyncIterator]();
    await chunks.next();
    expect(await settled(() => sent!.bytesWritten - sent!.writableLength)).toBeLessThan(32 * MIB);
    await chunks.return?.();
  });

  test('a body that is let go of frees its connection', async () => {
    const { agent, get } = await start((_, response) => void send(response, long));
    for (let reader = 0; reader < 5; reader += 1) {
      const body = await get();
      for await (const _ of chunksOfBody(body)) break;
      body.destroy();
    }
    await expect.poll(() => agent.sockets).toEqual({});
  });

  test('a body that breaks off is an error behind what came', async () => {
    const { get } = await start((_, response) => {
      response.writeHead(200, { 'content-length': long.length });
      response.write(long.subarray(0, 5 * MIB), () => response.destroy());
    });
    let came = 0;
    const reading = async () => {
      for await (const chunk of chunksOfBody(await get())) came += chunk.length;
    };
    await expect(reading()).rejects.toThrow();
    expect(came).toBeGreaterThan(4 * MIB);
  });

  test('a body that broke off before anybody reads it is an error', async () => {
    const { get } = await start((_, response) => {
      response.writeHead(200, { 'content-length': long.length });
      response.write(long.subarray(0, MIB), () => response.destroy());
    });
    const body = await get();
    body.resume();
    await new Promise((resolve) => body.once('close', resolve));
    await expect(bytesOf(body, turn)).rejects.toThrow();
  });

  test('a body without a length goes through the parser, and is whole', async () => {
    const { get } = await start((_, response) => {
      response.write(long.subarray(0, 5 * MIB));
      response.end(long.subarray(5 * MIB));
    });
    expect((await bytesOf(await get(), turn)).equals(long)).toBe(true);
  });

  test('short bodies go through the parser, and share a connection', async () => {
    const clients = new Set<number | undefined>();
    const short = long.subarray(0, WIDE_FROM - 1);
    const { get } = await start((request, response) => {
      clients.add(request.socket.remotePort);
      void send(response, short);
    });
    for (let time = 0; time < 3; time += 1) {
      const body = await get();
      expect(chunksOfBody(body)).toBe(body);
      expect((await bytesOf(body, turn)).equals(short)).toBe(true);
      await turn();
    }
    expect(clients.size).toBe(1);
  });
});

interface Pieces {
  readonly size: number;
  readonly wait?: () => Promise<unknown>;
}

async function send(response: ServerResponse, bytes: Buffer, pieces: Pieces = { size: MIB }): Promise<void> {
  response.writeHead(200, { 'content-length': bytes.length });
  for (let at = 0; at < bytes.length; at += pieces.size) {
    response.write(bytes.subarray(at, at + pieces.size));
    await pieces.wait?.();
  }
  response.end();
}

/** A number once it has been the same for a while. */
async function settled(read: () => number): Promise<number> {
  for (let before = read(); ; before = read()) {
    await sleep(300);
    if (read() === before) return before;
  }
}

/** `read` is what the reader does with each chunk, before it copies it. */
async function bytesOf(body: IncomingMessage, read: () => Promise<unknown>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of chunksOfBody(body)) {
    await read();
    copies.push(Buffer.from(chunk));
  }
  return Buffer.concat(copies);
}
