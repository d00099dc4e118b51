import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { OciError } from '../errors.ts';
import { serve, until, type Served } from '../testing/serve.ts';
import { errorReply, jsonReply, sendReply, type Reply } from './reply.ts';

let served: Served | undefined;
let errors: unknown[] = [];

afterEach(async () => {
  await served?.close();
  served = undefined;
});

/** Serves what `make` answers; what sending it throws is kept, and answered where that is still possible. */
async function replying(
  make: (request: IncomingMessage, response: ServerResponse) => Reply,
): Promise<Served> {
  errors = [];
  served = await serve(async (request, response) => {
    try {
      await sendReply(request, response, make(request, response));
    } catch (error) {
      errors.push(error);
      if (!response.headersSent) await sendReply(request, response, { status: 503, body: 'another answer' });
    }
  });
  return served;
}

/** A body of chunks that shows whether it was let go of. */
function body(...steps: readonly (string | Error | Promise<unknown>)[]) {
  const state = { asked: 0, ended: false };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (const step of steps) {
        state.asked += 1;
        if (step instanceof Error) throw step;
        if (typeof step === 'string') yield Buffer.from(step);
        else await step;
      }
    } finally {
      state.ended = true;
    }
  }
  return { state, chunks: chunks() };
}

describe('a whole body', () => {
  test.for([
    ['a text', 'GET', { status: 200, body: 'täxt' }, 'täxt', '5'],
    ['bytes', 'GET', { status: 201, body: Buffer.from('bytes') }, 'bytes', '5'],
    ['nothing', 'GET', { status: 202 }, '', '0'],
    ['nothing with 204', 'DELETE', { status: 204 }, '', undefined],
    ['nothing with 304', 'GET', { status: 304, headers: { etag: '"x"' } }, '', undefined],
    ['a text to HEAD', 'HEAD', { status: 200, body: 'text' }, '', '4'],
    ['JSON', 'GET', jsonReply(200, { a: 1 }), '{"a":1}', '7'],
  ] as const)('%s', async ([, method, reply, text, length]) => {
    const { ask } = await replying(() => reply);
    const answer = await ask({ method });
    expect(answer).toMatchObject({ status: reply.status, body: text });
    expect(answer.headers['content-length']).toBe(length);
    expect(answer.headers['transfer-encoding']).toBeUndefined();
    expect(errors).toEqual([]);
  });

  test.for([4, 100_000])('%d bytes that are no text arrive as they are', async (count) => {
    const bytes = Uint8Array.from({ length: count }, (_, index) => 255 - (index % 256));
    const { port } = await replying(() => ({ status: 200, body: bytes }));
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(answer.headers.get('content-length')).toBe(String(count));
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes);
  });

  test('an error has its status, its headers and the one shape', async () => {
    const error = new OciError('DENIED', {
      message: 'no',
      detail: { why: 1 },
      headers: { 'retry-after': '5' },
    });
    const { ask } = await replying(() => errorReply(error));
    const { status, headers, body } = await ask();
    expect([status, headers['content-type'], headers['retry-after']]).toEqual([403, 'application/json', '5']);
    expect(JSON.parse(body)).toEqual({ errors: [{ code: 'DENIED', message: 'no', detail: { why: 1 } }] });
  });
});

describe('a body in chunks', () => {
  const headers = (length: number) => ({ 'content-length': length });

  test('is sent whole', async () => {
    const { chunks, state } = body('one', 'two');
    const { ask } = await replying(() => ({ status: 206, headers: headers(6), body: chunks }));
    expect(await ask()).toMatchObject({ status: 206, body: 'onetwo' });
    expect(state.ended).toBe(true);
  });

  test('is not begun for HEAD', async () => {
    const { chunks, state } = body('one');
    const { ask } = await replying(() => ({ status: 200, headers: headers(3), body: chunks }));
    expect(await ask({ method: 'HEAD' })).toMatchObject({ body: '', headers: { 'content-length': '3' } });
    expect(state.asked).toBe(0);
  });

  test('a chunk may be used again once the next one is asked for', async () => {
    const buffer = Buffer.alloc(1024 * 1024);
    async function* reused() {
      for (const letter of 'abcdefgh') yield buffer.fill(letter);
    }
    const { ask } = await replying(() => ({
      status: 200,
      headers: headers(8 * buffer.length),
      body: reused(),
    }));
    const answer = await ask();
    expect(answer.body).toBe([...'abcdefgh'].map((letter) => letter.repeat(buffer.length)).join(''));
  });

  test('that fails before the first chunk leaves another answer possible', async () => {
    const { chunks } = body(new Error('storage'));
    const { ask } = await replying(() => ({ status: 200, headers: headers(3), body: chunks }));
    expect(await ask()).toMatchObject({ status: 503, body: 'another answer' });
    expect(errors).toMatchObject([{ message: 'storage' }]);
  });

  test('that fails later closes the connection', async () => {
    const { chunks, state } = body('one', new Error('storage'));
    const { ask } = await replying(() => ({ status: 200, headers: headers(6), body: chunks }));
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(errors).toMatchObject([{ message: 'storage' }]);
    expect(state.ended).toBe(true);
  });

  test.for([
    ['shorter', ['one'], 6],
    ['longer', ['one', 'two'], 4],
  ] as const)('that is %s than it was said to be closes the connection', async ([, steps, length]) => {
    const { chunks, state } = body(...steps);
    const { ask } = await replying(() => ({ status: 200, headers: headers(length), body: chunks }));
    await expect(ask({ timeout: 1000 })).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(errors).toHaveLength(1);
    expect(state.ended).toBe(true);
  });
});

describe('a client that leaves', () => {
  const ask = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';
  const headers = { 'content-length': 1_000_000_000 };

  test('while a chunk waits to be taken ends the body, and is no error', async () => {
    const { chunks, state } = body(...Array.from({ length: 500 }, () => 'x'.repeat(1024 * 1024)));
    const { connect } = await replying(() => ({ status: 200, headers, body: chunks }));
    const socket = await connect();
    socket.write(ask);
    await until(() => state.asked > 0);
    socket.destroy();
    await until(() => state.ended);
    expect(state.asked).toBeLessThan(500);
    expect(errors).toEqual([]);
  });

  test('before the first chunk ends the body, and is no error', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { chunks, state } = body(promise, 'one', 'two');
    let response: ServerResponse | undefined;
    const { connect } = await replying((_, answered) => {
      response = answered;
      return { status: 200, headers, body: chunks };
    });
    const socket = await connect();
    socket.write(ask);
    await until(() => state.asked > 0);
    socket.destroy();
    await until(() => response?.destroyed === true);
    resolve();
    await until(() => state.ended);
    expect(errors).toEqual([]);
  });

  test('before the answer is known ends the body, and is no error', async () => {
    errors = [];
    const { chunks, state } = body('one', 'two');
    let done = false;
    served = await serve(async (request, response) => {
      await new Promise((resolve) => response.once('close', resolve));
      await sendReply(request, response, { status: 200, headers, body: chunks }).catch((error: unknown) =>
        errors.push(error),
      );
      done = true;
    });
    const socket = await served.connect();
    socket.write(ask);
    setTimeout(() => socket.destroy(), 20);
    await until(() => done);
    expect(state.asked).toBeLessThan(2);
    expect(errors).toEqual([]);
  });
});
