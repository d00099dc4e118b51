import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openConnection, type RawConnection } from './support/raw-connection.ts';
import { basic, password, sha256, startRegistry, type Registry } from './support/registry.ts';

/** What HTTP/1.1 allows a client to do with one connection. */
let registry: Registry;
let authorization: string;
const opened: RawConnection[] = [];
const mebibyte = 1024 * 1024;
const uploads = '/v2/team/app/blobs/uploads/';

beforeAll(async () => {
  registry = await startRegistry();
  authorization = `Bearer ${await registry.token(['repository:team/app:pull,push'])}`;
});

afterEach(() => {
  for (const connection of opened.splice(0)) connection.close();
});

afterAll(() => registry.remove());

async function connection(): Promise<RawConnection> {
  const opening = await openConnection(registry.port);
  opened.push(opening);
  return opening;
}

const head = (method: string, target: string, ...headers: string[]) =>
  [`${method} ${target} HTTP/1.1`, 'host: localhost', ...headers, '', ''].join('\r\n');

const allowed = () => `authorization: ${authorization}`;
const health = head('GET', '/healthz');
const shape = { errors: [{ code: expect.any(String), message: expect.any(String) }] };

describe('a connection goes on after an error to a request', () => {
  const body = Buffer.alloc(mebibyte, 'b');

  test.each([
    ['without credentials', '/v2/team/app/manifests/latest', 401, () => []],
    ['for an unknown session', `${uploads}0123456789?digest=${sha256('')}`, 404, () => [allowed()]],
    ['for an unknown address', '/nowhere', 404, () => []],
  ])('whose body was not read: %s', async (_, path, status, headers) => {
    const { write, answer } = await connection();
    write(head('PUT', path, `content-length: ${body.length}`, ...headers()));
    write(body);
    write(health);
    const refused = await answer();
    expect(refused?.status).toBe(status);
    expect(JSON.parse(refused?.body ?? '')).toMatchObject(shape);
    expect(await answer()).toMatchObject({ status: 200, body: expect.stringContaining('berth') });
  });

  const tooLarge = 6 * mebibyte;

  test('whose body has a length that is too large', async () => {
    const { write, answer } = await connection();
    write(head('PUT', '/v2/team/app/manifests/big', allowed(), `content-length: ${tooLarge}`));
    write(Buffer.alloc(tooLarge));
    expect((await answer())?.status).toBe(413);
    write(health);
    expect((await answer())?.status).toBe(200);
  });

  test('whose body became too large while it was read', async () => {
    const { write, answer } = await connection();
    write(head('PUT', '/v2/team/app/manifests/big', allowed(), 'transfer-encoding: chunked'));
    for (let sent = 0; sent < tooLarge; sent += 65_536) write(`10000\r\n${' '.repeat(65_536)}\r\n`);
    expect((await answer())?.status).toBe(413);
    write('0\r\n\r\n');
    write(health);
    expect((await answer())?.status).toBe(200);
  });
});

describe('Expect: 100-continue', () => {
  const content = 'continued';
  const expecting = (target: string, ...more: string[]) =>
    head('POST', target, 'expect: 100-continue', `content-length: ${content.length}`, ...more);

  test('is told to go on, and the upload works', async () => {
    const { write, answer } = await connection();
    write(expecting(`${uploads}?digest=${sha256(content)}`, allowed()));
    expect((await answer())?.status).toBe(100);
    write(content);
    expect(await answer()).toMatchObject({
      status: 201,
      headers: { 'docker-content-digest': sha256(content) },
    });
  });

  test('of a request that is refused is told so, though its body never comes', async () => {
    const { write, answer } = await connection();
    write(expecting(`${uploads}?digest=${sha256(content)}`));
    const first = await answer();
    const final = first?.status === 100 ? await answer() : first;
    expect(final?.status).toBe(401);
    expect(final?.headers['www-authenticate']).toMatch(/^Bearer /);
  });
});

describe('a target that is a whole URL', () => {
  test.each([
    ['/healthz', '', 200],
    ['/', '', 200],
    ['/v2/', '', 401],
    ['/v2/', 'bearer', 200],
    ['/v2/team/unknown/tags/list', '', 401],
    ['/auth/token?service=berth', 'basic', 200],
    ['/api/v1/me', 'basic', 200],
    ['/api/v1/nothing', 'basic', 404],
    ['/nowhere', '', 404],
  ])('is answered as its path: %s %s', async (path, as, status) => {
    const secret = as === 'basic' ? basic({ user: 'admin', password }) : authorization;
    const headers = as === '' ? [] : [`authorization: ${secret}`];
    const { write, answer } = await connection();
    for (const target of [path, `http://localhost${path}`, `HTTPS://registry.example:8443${path}`]) {
      write(head('GET', target, ...headers));
      expect([target, (await answer())?.status]).toEqual([target, status]);
    }
  });
});

describe('headers', () => {
  test('of 12 KiB are read: a token of many scopes is long', async () => {
    const { write, answer } = await connection();
    write(head('GET', '/v2/', `authorization: Bearer ${'x'.repeat(12 * 1024)}`));
    expect((await answer())?.status).toBe(401);
  });

  test.each([
    ['a target of 20 KB', head('GET', `/v2/${'x'.repeat(20_000)}`)],
    ['a thousand headers of 20 bytes', head('GET', '/healthz', ...Array(1000).fill('x: 4567890123456789'))],
  ])('that are too long as a whole are 431, and the connection ends: %s', async (_, text) => {
    const { write, answer } = await connection();
    write(text);
    const refused = await answer();
    expect(refused).toMatchObject({ status: 431, headers: { connection: 'close' } });
    expect(JSON.parse(refused?.body ?? '')).toMatchObject(shape);
    expect(await answer()).toBeUndefined();
  });
});

describe('requests that are sent before the answers are there', () => {
  test('are answered in their order, each with its own body', async () => {
    const { write, answer } = await connection();
    const content = 'in a row';
    const digest = sha256(content);
    const blob = `/v2/team/app/blobs/${digest}`;
    write(
      head('POST', `${uploads}?digest=${digest}`, allowed(), `content-length: ${content.length}`) +
        content +
        head('HEAD', '/healthz') +
        head('GET', '/v2/') +
        health,
    );
    expect((await answer())?.status).toBe(201);
    expect(await answer({ toHead: true })).toMatchObject({ status: 200, body: '' });
    expect((await answer())?.status).toBe(401);
    expect((await answer())?.status).toBe(200);
    const range = head('GET', blob, allowed(), 'range: bytes=3-4');
    write(head('GET', blob, allowed()) + range + head('HEAD', blob, allowed()) + health);
    expect(await answer()).toMatchObject({ status: 200, body: content });
    expect(await answer()).toMatchObject({ status: 206, body: 'a ' });
    expect((await answer({ toHead: true }))?.headers['content-length']).toBe(String(content.length));
    expect((await answer())?.status).toBe(200);
  });

  test('end with one that asks to close', async () => {
    const { write, answer } = await connection();
    write(head('GET', '/healthz', 'connection: close') + health);
    expect((await answer())?.status).toBe(200);
    expect(await answer()).toBeUndefined();
  });

  test('are answered before what follows them and is no HTTP', async () => {
    const { write, answer } = await connection();
    write(`${head('GET', '/v2/', allowed())}${head('GET', '/api/v1/me')}no HTTP\r\n\r\n`);
    expect((await answer())?.status).toBe(200);
    expect((await answer())?.status).toBe(401);
    expect(await answer()).toMatchObject({ status: 400, headers: { connection: 'close' } });
    expect(await answer()).toBeUndefined();
  });
});

test.each([
  ['a length and chunks', ['content-length: 4', 'transfer-encoding: chunked']],
  ['chunks and a length', ['transfer-encoding: chunked', 'content-length: 4']],
  ['two lengths', ['content-length: 4', 'content-length: 5']],
  ['a space before the colon', ['transfer-encoding : chunked']],
  ['a coding that is not the last', ['transfer-encoding: chunked, identity']],
  ['a folded header', ['x: y', ' transfer-encoding: chunked', 'content-length: 4', 'content-length: 5']],
  ['a line that ends without CR', ['x: y\ncontent-length: 4', 'transfer-encoding: chunked']],
])('no second request is smuggled past a proxy: %s', async (_, headers) => {
  const { write, answer } = await connection();
  write(`${head('PUT', '/v2/team/app/manifests/a', ...headers)}0\r\n\r\n${health}`);
  expect((await answer())?.status).toBe(400);
  expect(await answer()).toBeUndefined();
});
