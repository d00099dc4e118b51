import Koa, { type Middleware } from 'koa';
import { afterEach, describe, expect, test } from 'vitest';
import { OciError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { serve, until, type Served } from '../testing/serve.ts';
import { ClientGone, readBody } from './body.ts';
import { edge, type EdgeOptions } from './edge.ts';
import { throughKoa } from './koa.ts';
import { sendReply } from './reply.ts';
import type { Answer } from './visit.ts';

interface Line {
  readonly level: string;
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

let served: Served | undefined;
let lines: Line[] = [];

afterEach(async () => {
  await served?.close();
  served = undefined;
});

const logger = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (fields: Record<string, unknown>, message: string) => lines.push({ level, fields, message }),
  ]),
) as unknown as Logger;

async function edged(middleware: Middleware, translate?: EdgeOptions['translate']): Promise<Served> {
  lines = [];
  const app = new Koa();
  app.use(middleware);
  served = await serve(edge({ logger, translate }, throughKoa(app)));
  return served;
}

const failing = (error: unknown) => async () => {
  throw error;
};
const answering: Middleware = ({ req, res }) => sendReply(req, res, { status: 200, body: 'fine' });
const requests = () => lines.filter(({ message }) => message === 'request');
const errorOf = (body: string) => JSON.parse(body).errors[0];

describe('every answer', () => {
  test('has an id of its own, which the log has too', async () => {
    const { ask } = await edged(answering);
    const ids = [await ask(), await ask()].map(({ headers }) => headers['x-request-id']);
    expect(new Set(ids).size).toBe(2);
    expect(requests().map(({ fields }) => fields['id'])).toEqual(ids);
  });

  test('keeps browsers from guessing its type', async () => {
    const { ask } = await edged(answering);
    expect((await ask()).headers['x-content-type-options']).toBe('nosniff');
  });

  test('is one line of the log, without the query', async () => {
    const { ask } = await edged(({ req, res, state }) => {
      state['account'] = 'alice';
      return sendReply(req, res, { status: 201 });
    });
    await ask({ method: 'PUT', path: '/v2/a/b?password=secret' });
    await until(() => lines.length > 0);
    expect(lines).toMatchObject([
      { level: 'info', fields: { method: 'PUT', path: '/v2/a/b', status: 201, account: 'alice' } },
    ]);
    expect(lines[0]?.fields['milliseconds']).toEqual(expect.any(Number));
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test('of a server that is well is for debugging only, where it was asked for that', async () => {
    const { ask } = await edged(({ req, res, url }) =>
      sendReply(req, res, { status: url === '/healthz?ill' ? 503 : 200 }),
    );
    for (const path of ['/healthz', '/healthz?ill', '/']) await ask({ path });
    await until(() => lines.length === 3);
    expect(lines.map(({ level }) => level)).toEqual(['debug', 'info', 'info']);
  });
});

describe('an answer that is a value', () => {
  test('is written with what every answer carries, and what was added to that', async () => {
    lines = [];
    const answer: Answer = async (visit) => {
      visit.account = 'alice';
      visit.headers.push('x-kind', 'registry');
      return { status: 202, headers: { etag: '"x"', 'x-absent': undefined }, body: 'fine' };
    };
    served = await serve(edge({ logger }, answer));
    const { status, headers, body } = await served.ask();
    expect([status, body, headers['etag'], headers['x-kind']]).toEqual([202, 'fine', '"x"', 'registry']);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers).not.toHaveProperty('x-absent');
    await until(() => lines.length > 0);
    expect(lines).toMatchObject([{ fields: { id: headers['x-request-id'], account: 'alice', status: 202 } }]);
  });

  test('that cannot be written closes the connection, and is told in the log', async () => {
    lines = [];
    const wrong = new OciError('DENIED', { headers: { 'x-wrong': 'two\r\nlines' } });
    served = await serve(edge({ logger }, () => Promise.reject(wrong)));
    await expect(served.ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(lines).toMatchObject([{ level: 'error', fields: { error: { code: 'ERR_INVALID_CHAR' } } }]);
  });
});

describe('an error', () => {
  test('is written in the one shape', async () => {
    const { ask } = await edged(
      failing(new OciError('DENIED', { message: 'no', headers: { allow: 'GET' } })),
    );
    const { status, headers, body } = await ask();
    expect([status, headers['content-type'], headers['allow']]).toEqual([403, 'application/json', 'GET']);
    expect(errorOf(body)).toEqual({ code: 'DENIED', message: 'no' });
    expect(lines.map(({ level, fields }) => [level, fields['status']])).toEqual([['info', 403]]);
  });

  test('to HEAD has no body', async () => {
    const { ask } = await edged(failing(new OciError('NOT_FOUND')));
    expect(await ask({ method: 'HEAD' })).toMatchObject({ status: 404, body: '' });
  });

  test('is what nobody answered', async () => {
    const { ask } = await edged((_, next) => next());
    const { status, body } = await ask({ path: '/nowhere' });
    expect([status, errorOf(body).code]).toEqual([404, 'NOT_FOUND']);
  });

  test.for([
    ['an error', new Error('password hunter2 at /srv/secret')],
    ['a text', 'password hunter2'],
    ['nothing', undefined],
  ] as const)('that nobody knows, %s, is 500 and tells nothing', async ([, error]) => {
    const { ask } = await edged(failing(error));
    const { status, headers, body } = await ask();
    expect([status, errorOf(body).code]).toEqual([500, 'UNKNOWN']);
    expect(body).not.toMatch(/hunter2|secret|\bat\b|\.ts/);
    expect(lines).toMatchObject([
      { level: 'error', fields: { id: headers['x-request-id'], error } },
      { level: 'info', fields: { status: 500 } },
    ]);
  });

  test('is translated where it is known', async () => {
    const busy = new Error('database is busy');
    const translate = (error: unknown) =>
      error === busy ? new OciError('UNAVAILABLE', { cause: error }) : undefined;
    const known = await edged(failing(busy), translate);
    expect(errorOf((await known.ask()).body).code).toBe('UNAVAILABLE');
    await known.close();
    const unknown = await edged(failing(new Error('other')), translate);
    expect(errorOf((await unknown.ask()).body).code).toBe('UNKNOWN');
  });

  test('is not translated where it is an answer already', async () => {
    const { ask } = await edged(failing(new OciError('DENIED')), () => new OciError('UNAVAILABLE'));
    expect((await ask()).status).toBe(403);
  });

  test('after the answer began closes the connection', async () => {
    const { ask } = await edged(async ({ res }) => {
      res.writeHead(200, { 'content-length': 100 });
      res.write('half');
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error('too late');
    });
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await until(() => requests().length === 1);
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
  });
});

describe('a client that is gone', () => {
  test('is 499 in the log, and no error', async () => {
    const { connect } = await edged(async ({ req }) => void (await readBody(req, 1000)));
    const socket = await connect();
    socket.write('PUT /x HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
    setTimeout(() => socket.destroy(), 20);
    await until(() => lines.length > 0);
    expect(lines).toMatchObject([{ level: 'info', fields: { path: '/x', status: 499 } }]);
  });

  test('gets no answer', async () => {
    const { ask } = await edged(failing(new ClientGone()));
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
