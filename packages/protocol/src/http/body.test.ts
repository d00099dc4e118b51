import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serve, until, type Served } from '../testing/serve.ts';
import { readBody } from './body.ts';

const limit = 10;
let served: Served;
/** What reading came to, in the order of requests: the body, or the error. */
let outcomes: unknown[];

beforeEach(async () => {
  outcomes = [];
  served = await serve(async (request, response) => {
    const outcome = await readBody(request, limit).catch((error: unknown) => error);
    outcomes.push(outcome);
    if (!response.destroyed) response.end(String(outcome));
  });
});

afterEach(() => served.close());

const tooLarge = { code: 'PAYLOAD_TOO_LARGE', status: 413 };
const chunked = { 'transfer-encoding': 'chunked' };

describe('readBody', () => {
  test.for([
    ['nothing', {}, ''],
    ['less than the limit', {}, 'body'],
    ['the limit', {}, 'x'.repeat(limit)],
    ['the limit, without a length', chunked, 'x'.repeat(limit)],
  ] as const)('takes %s', async ([, headers, body]) => {
    expect(await served.ask({ method: 'POST', headers, body })).toMatchObject({ status: 200, body });
    expect(outcomes).toEqual([Buffer.from(body)]);
  });

  test.for([
    ['by its declared length', {}],
    ['while it arrives', chunked],
  ] as const)('refuses a longer body %s', async ([, headers]) => {
    await served.ask({ method: 'POST', headers, body: 'x'.repeat(limit + 1) });
    expect(outcomes).toMatchObject([tooLarge]);
  });

  test('refuses a declared length before a byte has come', async () => {
    const socket = await served.connect();
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999999\r\n\r\n');
    await until(() => outcomes.length === 1);
    expect(outcomes).toMatchObject([tooLarge]);
    socket.destroy();
  });

  test('refuses an endless body as soon as it is too long', async () => {
    const socket = await served.connect();
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    socket.write(`b\r\n${'x'.repeat(11)}\r\n`);
    await until(() => outcomes.length === 1);
    expect(outcomes).toMatchObject([tooLarge]);
    socket.destroy();
  });

  test.for([
    ['hangs up', 'content-length: 8\r\n\r\nhalf'],
    ['sends no HTTP', 'transfer-encoding: chunked\r\n\r\nnot a chunk\r\n'],
  ] as const)('tells that the client %s', async ([, rest]) => {
    const socket = await served.connect();
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\n${rest}`);
    setTimeout(() => socket.destroy(), 20);
    await until(() => outcomes.length === 1);
    expect(outcomes).toMatchObject([{ name: 'ClientGone', cause: expect.any(Error) }]);
  });
});
