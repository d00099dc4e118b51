import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hangUp, openSocket, rawRequest } from './support/raw-http.ts';
import { basic, password, sha256, startRegistry, type Registry } from './support/registry.ts';
import { until } from './support/waiting.ts';

let registry: Registry;
let authorization: string;
const uploads = '/v2/team/app/blobs/uploads/';
const mebibyte = 1024 * 1024;

beforeAll(async () => {
  registry = await startRegistry();
  authorization = `Bearer ${await registry.token(['repository:team/app:pull,push,delete'])}`;
});

afterAll(() => registry.remove());

const send = (method: string, path: string, body?: string) =>
  fetch(`${registry.url}${path}`, {
    method,
    headers: { authorization },
    ...(body !== undefined && { body }),
  });

async function startUpload(): Promise<string> {
  const response = await send('POST', uploads);
  return response.headers.get('location') ?? '';
}

const head = (method: string, path: string, ...headers: string[]) =>
  [
    `${method} ${path} HTTP/1.1`,
    'host: localhost',
    `authorization: ${authorization}`,
    ...headers,
    '',
    '',
  ].join('\r\n');

const uploadFile = (session: string) => `berth/uploads/${session.split('/').at(-1)}`;

/** Bytes of the session in storage. */
async function storedSize(session: string): Promise<number> {
  return stat(join(registry.folder, uploadFile(session))).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The offset that the server reports, once the writer that was cut off has let go. */
async function settledOffset(session: string): Promise<number> {
  let last = -1;
  return until('an offset that stays', async () => {
    const { headers } = await send('GET', session);
    const [, end] = /^0-(\d+)$/.exec(headers.get('range') ?? '') ?? [];
    const before = last;
    last = (await storedSize(session)) === 0 ? 0 : Number(end) + 1;
    return last === before ? last : undefined;
  });
}

async function storedFiles(): Promise<string[]> {
  const entries = await readdir(registry.folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('berth.db'))
    .map((entry) => join(entry.parentPath, entry.name).slice(registry.folder.length + 1));
}

describe('a client that hangs up in the middle of an upload', () => {
  test('goes on from what was received', async () => {
    const content = randomBytes(4 * mebibyte);
    const session = await startUpload();
    const socket = await openSocket(registry.port);
    socket.write(head('PATCH', session, `content-length: ${content.length}`));
    socket.write(content.subarray(0, 3 * mebibyte));
    await until('some of it', async () => ((await storedSize(session)) >= mebibyte ? true : undefined));
    socket.destroy();
    const received = await settledOffset(session);
    expect(received).toBeGreaterThanOrEqual(mebibyte);
    const digest = sha256(content);
    const rest = await fetch(`${registry.url}${session}?digest=${digest}`, {
      method: 'PUT',
      headers: { authorization, 'content-range': `${received}-${content.length - 1}` },
      body: content.subarray(received),
    });
    expect(rest.status).toBe(201);
    const blob = await (await send('GET', `/v2/team/app/blobs/${digest}`)).arrayBuffer();
    expect(sha256(new Uint8Array(blob))).toBe(digest);
  });

  test('leaves nothing that counts as content', async () => {
    const digest = sha256('never whole');
    await hangUp(registry.port, `${head('POST', `${uploads}?digest=${digest}`, 'content-length: 11')}never`);
    const session = await startUpload();
    await hangUp(registry.port, `${head('PUT', `${session}?digest=${digest}`, 'content-length: 11')}never`);
    await settledOffset(session);
    expect((await send('HEAD', `/v2/team/app/blobs/${digest}`)).status).toBe(404);
    expect((await storedFiles()).filter((path) => path.includes(digest.slice(7)))).toEqual([]);
    expect((await send('DELETE', session)).status).toBe(204);
    expect((await send('GET', session)).status).toBe(404);
  });

  test('may begin again before the server has noticed: the new writer ends the old one', async () => {
    const session = await startUpload();
    const stalled = await openSocket(registry.port);
    stalled.write(`${head('PATCH', session, 'content-length: 1000')}first`);
    await until('the stalled writer', async () =>
      (await storedFiles()).includes(uploadFile(session)) ? true : undefined,
    );
    const second = await send('PATCH', session, ' second');
    stalled.destroy();
    expect(second.status).toBe(202);
    const received = second.headers.get('range') === '0-11' ? 'first second' : ' second';
    expect((await send('PUT', `${session}?digest=${sha256(received)}`)).status).toBe(201);
  });
});

describe('an upload', () => {
  test('with a chunk out of order goes on where it was (416)', async () => {
    const session = await startUpload();
    await send('PATCH', session, 'abc');
    const wrong = await fetch(`${registry.url}${session}`, {
      method: 'PATCH',
      headers: { authorization, 'content-range': '7-9' },
      body: 'xyz',
    });
    expect(wrong.status).toBe(416);
    expect(wrong.headers.get('range')).toBe('0-2');
    expect(wrong.headers.get('location')).toBe(session);
    expect((await send('PUT', `${session}?digest=${sha256('abcdef')}`, 'def')).status).toBe(201);
  });

  test('with another digest than it has ends, and leaves no file', async () => {
    const session = await startUpload();
    const answer = await send('PUT', `${session}?digest=${sha256('right')}`, 'wrong');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'DIGEST_INVALID' }] });
    expect((await send('GET', session)).status).toBe(404);
    expect(await storedFiles()).not.toContain(uploadFile(session));
  });

  test('belongs to its repository and to its account', async () => {
    const session = await startUpload();
    const elsewhere = session.replace('team/app', 'team/other');
    const other = `Bearer ${await registry.token(['repository:team/other:pull,push'])}`;
    const answer = await fetch(`${registry.url}${elsewhere}`, { headers: { authorization: other } });
    expect(answer.status).toBe(404);
    await registry.api('POST', '/users', { name: 'mallory', password: 'password of mallory' });
    await registry.api('POST', '/grants', { subject: 'user:mallory', repository: 'team/**', role: 'writer' });
    const scopes = ['repository:team/app:pull,push'];
    const hers = `Bearer ${await registry.token(scopes, { user: 'mallory', password: 'password of mallory' })}`;
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const path = `${session}${method === 'PUT' ? `?digest=${sha256('')}` : ''}`;
      expect(
        (await fetch(`${registry.url}${path}`, { method, headers: { authorization: hers } })).status,
      ).toBe(404);
    }
    expect((await send('GET', session)).status).toBe(204);
  });

  test('survives a chunked body that breaks', async () => {
    const session = await startUpload();
    const text = `${head('PATCH', session, 'transfer-encoding: chunked')}5\r\nhello\r\nnot a length\r\n`;
    expect(await rawRequest(registry.port, text)).toMatch(/^(HTTP\/1\.1 400 |$)/);
    const rest = 'hello'.slice(await settledOffset(session));
    expect((await send('PUT', `${session}?digest=${sha256('hello')}`, rest)).status).toBe(201);
  });
});

describe('what is no request', () => {
  const shape =
    /\r\ncontent-type: application\/json\r\n[^]*\{"errors":\[\{"code":"[A-Z_]+","message":"[^"]+"/i;

  test.each([
    [
      'an expectation that is not known',
      'GET / HTTP/1.1\r\nhost: localhost\r\nexpect: cake\r\nconnection: close\r\n\r\n',
      417,
    ],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['an unknown version', 'GET / HTTP/7.7\r\n\r\n', 400],
    [
      'headers that are too long',
      `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
    [
      'a length that is none',
      'PUT /v2/a/manifests/b HTTP/1.1\r\nhost: localhost\r\ncontent-length: ten\r\n\r\n',
      400,
    ],
    [
      'a length and chunks',
      'PUT /v2/a/manifests/b HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a host that is none', 'GET /v2/ HTTP/1.1\r\nhost: a"b\r\nconnection: close\r\n\r\n', 400],
    ['two hosts', 'GET /v2/ HTTP/1.1\r\nhost: a\r\nHost: b\r\nconnection: close\r\n\r\n', 400],
    [
      'two hosts where none is needed',
      'GET /healthz HTTP/1.1\r\nhost: a\r\nhost: a\r\nconnection: close\r\n\r\n',
      400,
    ],
    [
      'two Authorization headers',
      'GET /v2/ HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic YTpi\r\nauthorization: Basic YTpj\r\nconnection: close\r\n\r\n',
      400,
    ],
    [
      'a broken escape',
      'GET /v2/team/app/manifests/%zz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      401,
    ],
    ['a target that is none', 'GET api/v1/me HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n', 400],
  ])('%s', async (_, text, status) => {
    const answer = await rawRequest(registry.port, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(shape);
  });

  test('a manifest that never ends is refused while it arrives', async () => {
    const socket = await openSocket(registry.port);
    socket.write(
      head('PUT', '/v2/team/app/manifests/endless', 'content-type: x', 'transfer-encoding: chunked'),
    );
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    for (let sent = 0; sent < 80; sent += 1) socket.write(chunk);
    const [answer] = await once(socket, 'data');
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('the server goes on', async () => {
    const answer = await fetch(`${registry.url}/v2/`, {
      headers: { authorization: basic({ user: 'admin', password }) },
    });
    expect(answer.status).toBe(200);
  });
});
