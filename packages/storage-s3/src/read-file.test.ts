import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import type { StorageDriver } from '@berth/storage';
import { patternBytes, readFile } from '@berth/storage/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import { s3Driver } from './s3-driver.ts';
import { expectError } from './testing/expect-error.ts';

const MIB = 1024 * 1024;
const SIZES = [1, 9] as const;

/** How long the driver waits for a byte, in milliseconds. The server is in this process, which others may keep from running. */
const patience = 1000;

interface Asked {
  readonly range: string | undefined;
  readonly port: number | undefined;
}

/** What the server does with the first, second and so on GET; the last one with all that follow. */
type Answer = (response: ServerResponse, bytes: Buffer, request: IncomingMessage) => void;

/** A server that has one file and answers as it is told, and a driver on it. */
async function fileServer(file: Buffer, ...answers: readonly Answer[]) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const { range } = request.headers;
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? whole;
    asked.push({ range, port: request.socket.remotePort });
    const [, start = '0', end = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    const last = Math.min(end === '' ? file.length : Number(end) + 1, file.length);
    response.statusCode = range === undefined ? 200 : 206;
    response.setHeader('etag', '"1"');
    if (range !== undefined) response.setHeader('content-range', `bytes ${start}-${last - 1}/${file.length}`);
    answer(response, file.subarray(Number(start), last), request);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  const { port } = server.address() as AddressInfo;
  const driver = s3Driver({
    bucket: 'bucket',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    attempts: 1,
    idleTimeout: patience,
  });
  const connections = () =>
    new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  return { driver, asked, connections };
}

const whole: Answer = (response, bytes) => {
  response.setHeader('content-length', bytes.length);
  response.end(bytes);
};
const chunked: Answer = (response, bytes) => {
  response.write(bytes.subarray(0, bytes.length / 2));
  response.end(bytes.subarray(bytes.length / 2));
};
const broken =
  (breakOff: (response: ServerResponse) => void): Answer =>
  (response, bytes) => {
    response.setHeader('content-length', bytes.length);
    response.write(bytes.subarray(0, bytes.length / 2), () => breakOff(response));
  };

describe.for(SIZES)('a body of %i MiB', (mebibytes) => {
  const file = patternBytes(mebibytes * MIB);

  test.for([
    ['ends early', (response: ServerResponse): void => void response.socket?.end()],
    ['is reset', (response: ServerResponse): void => void response.socket?.resetAndDestroy()],
    ['stops coming', () => undefined],
  ] as const)('that %s is read on from there', async ([, breakOff]) => {
    const { driver, asked } = await fileServer(file, broken(breakOff), whole);
    expect(file.equals(await readFile(driver, 'file'))).toBe(true);
    expect(asked[1]?.range).toMatch(new RegExp(`^bytes=[1-9]\\d*-${file.length - 1}$`));
  });

  test('of which the server does not tell the length is whole', async () => {
    const { driver } = await fileServer(file, chunked);
    expect(file.equals(await readFile(driver, 'file'))).toBe(true);
    const range = { start: 10, end: file.length - 10 };
    expect(file.subarray(10, -10).equals(await readFile(driver, 'file', range))).toBe(true);
  });

  test('of which the server does not tell the length, and that breaks off, is read on from there', async () => {
    const half: Answer = (response, bytes) =>
      void response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
    const { driver } = await fileServer(file, half, chunked);
    expect(file.equals(await readFile(driver, 'file'))).toBe(true);
  });

  test('of a server that does not know ranges is an error, not other bytes', async () => {
    const { driver } = await fileServer(file, (response) => {
      response.removeHeader('content-range');
      response.statusCode = 200;
      whole(response, file, response.req);
    });
    await expectError(readFile(driver, 'file', { start: 10 }), 'IO_ERROR', 'range');
  });

  test('whose reader stops leaves no connection', async () => {
    const { driver, connections } = await fileServer(
      file,
      broken(() => undefined),
    );
    for await (const _ of driver.read('file')) break;
    await expect.poll(connections).toBe(0);
  });

  test('whose reader goes away while it waits leaves no connection', async () => {
    const { driver, connections } = await fileServer(
      file,
      broken(() => undefined),
    );
    const reason = new Error('the client went away');
    await expect(readAndAbort(driver, reason)).rejects.toBe(reason);
    await expect.poll(connections).toBe(0);
  });

  test('whose reader is slower than the server is patient is whole', async () => {
    const { driver } = await fileServer(file, whole);
    const chunks: Buffer[] = [];
    for await (const chunk of driver.read('file')) {
      if (chunks.length === 1) await sleep(1.5 * patience);
      chunks.push(Buffer.from(chunk));
    }
    expect(file.equals(Buffer.concat(chunks))).toBe(true);
  });
});

test('an empty file, and a short one, leave a connection that is used again', async () => {
  const { driver, asked } = await fileServer(patternBytes(0), whole);
  for (let time = 0; time < 3; time += 1) expect(await readFile(driver, 'file')).toHaveLength(0);
  expect(new Set(asked.map(({ port }) => port)).size).toBe(1);
});

async function readAndAbort(driver: StorageDriver, reason: Error): Promise<void> {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 100);
  for await (const _ of driver.read('file', { signal: controller.signal }));
}
