import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { OciError, type Logger } from '@berth/protocol';
import { edge, jsonReply, readBody, sendReply, throughKoa } from '@berth/protocol/http';
import Koa from 'koa';
import { describe, expect, test } from 'vitest';
import { httpClient, localClient } from './client.ts';
import { cannedHandler, listen } from './testing/canned-server.ts';
import { selfSigned } from './testing/tls.ts';

const authorization = 'Bearer brt_x';

async function withServer(server: Server, work: (port: number) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

describe('a server that cannot be talked to', () => {
  const failureOf = (server: string) =>
    httpClient({ server, authorization })
      .request('GET', '/me')
      .then(
        () => 'no failure',
        (error: Error) => error.message,
      );

  test('nothing listens', async () => {
    let free = 0;
    await withServer(createTcpServer(), async (port) => void (free = port));
    const server = `http://127.0.0.1:${free}`;
    expect(await failureOf(server)).toBe(`cannot reach ${server}: nothing listens there`);
  });

  test('there is no such host', async () => {
    expect(await failureOf('http://berth.invalid')).toMatch(/^cannot reach http:\/\/berth\.invalid: .*host/);
  });

  test('it hangs up', async () => {
    await withServer(
      createTcpServer((socket) => socket.destroy()),
      async (port) => {
        expect(await failureOf(`http://127.0.0.1:${port}`)).toContain('it closed the connection');
      },
    );
  });

  test('it speaks something else', async () => {
    await withServer(
      createTcpServer((socket) => socket.resume().end('SSH-2.0-x\r\n')),
      async (port) => {
        expect(await failureOf(`http://127.0.0.1:${port}`)).toContain('it does not speak HTTP');
      },
    );
  });

  test('https to a port of http', async () => {
    await using server = await listen(cannedHandler([]).handler);
    expect(await failureOf(server.url.replace('http:', 'https:'))).toContain(
      'it does not speak TLS; is it http://',
    );
  });

  test('a certificate that nobody trusts', async () => {
    await withServer(createTlsServer(selfSigned(), cannedHandler([]).handler), async (port) => {
      expect(await failureOf(`https://127.0.0.1:${port}`)).toMatch(
        /its certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\); name its authority in NODE_EXTRA_CA_CERTS=<file>$/,
      );
    });
  });
});

describe('the handler of this process', () => {
  const logger: Logger = {
    trace() {},
    debug() {},
    info() {},
    warn() {},
    error() {},
    fatal() {},
  } as unknown as Logger;
  const app = new Koa();
  app.use(async ({ req, res }) => {
    const text = (await readBody(req, 1000)).toString();
    if (req.url === '/api/v1/none') return sendReply(req, res, { status: 204 });
    if (req.url === '/api/v1/no') throw new OciError('CONFLICT', { message: 'there is one already' });
    const { authorization, 'content-type': types = [] } = req.headersDistinct;
    const body = { method: req.method, url: req.url, type: types[0], authorization, text };
    return sendReply(req, res, jsonReply(200, body));
  });
  const client = localClient(edge({ logger }, throughKoa(app)));

  test('sends a body as JSON, and no credentials', async () => {
    expect(await client.request('POST', '/users?a=b', { name: 'alice' })).toEqual({
      method: 'POST',
      url: '/api/v1/users?a=b',
      type: 'application/json',
      text: '{"name":"alice"}',
    });
  });

  test('says application/json of a write without a body too', async () => {
    expect(await client.request('DELETE', '/users/a')).toMatchObject({ type: 'application/json', text: '' });
  });

  test('an empty answer is undefined', async () => {
    expect(await client.request('PUT', '/none')).toBeUndefined();
  });

  test('an error is what the server says', async () => {
    await expect(client.request('GET', '/no')).rejects.toMatchObject({
      name: 'CommandError',
      code: 'refused',
      message: 'there is one already',
    });
  });
});
