import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadConfiguration } from '../src/config/index.ts';
import { listen } from '../src/listen.ts';
import { silentLogger } from '../src/logging.ts';
import { openParts } from '../src/parts.ts';
import { createHandler } from '../src/server.ts';
import { openConnection, type RawConnection } from './support/raw-connection.ts';
import { basic, password, sha256, startRegistry, type Registry } from './support/registry.ts';

/** Clients that are slow, silent or too many. */
const opened: RawConnection[] = [];

afterEach(() => {
  for (const connection of opened.splice(0)) connection.close();
});

async function connect(port: number): Promise<RawConnection> {
  const connection = await openConnection(port);
  opened.push(connection);
  return connection;
}

const head = (method: string, target: string, ...headers: string[]) =>
  [`${method} ${target} HTTP/1.1`, 'host: localhost', ...headers, '', ''].join('\r\n');

describe('a server that waits a second', () => {
  const idleLimit = 1000;
  let port: number;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const env = { REGISTRY_STORAGE: 'inmemory', REGISTRY_AUTH: 'none' };
    const { configuration } = loadConfiguration({ env, cwd: '/', systemPaths: [] });
    const parts = await openParts(configuration, silentLogger());
    const address = { host: '127.0.0.1', port: 0 };
    const listening = await listen(createHandler({ parts }), address, { idleLimit, headersLimit: 1000 });
    port = listening.port;
    stop = async () => {
      await listening.stop(1000);
      await parts.close();
    };
  });

  afterAll(() => stop());

  async function startUpload(): Promise<string> {
    const started = await fetch(`http://127.0.0.1:${port}/v2/team/app/blobs/uploads/`, { method: 'POST' });
    return new URL(started.headers.get('location') ?? '', started.url).pathname;
  }

  test('does not cut an upload that is slow but moves', async () => {
    const content = 'a byte every 100 ms for over three times that';
    const { write, answer } = await connect(port);
    const path = `${await startUpload()}?digest=${sha256(content)}`;
    const start = performance.now();
    write(head('PUT', path, `content-length: ${content.length}`));
    for (const byte of content) {
      await sleep(100);
      write(byte);
    }
    expect((await answer())?.status).toBe(201);
    expect(performance.now() - start).toBeGreaterThan(3 * idleLimit);
  });

  test('cuts a silent one, which goes on from there', async () => {
    const session = await startUpload();
    const { write, answer } = await connect(port);
    const start = performance.now();
    write(`${head('PATCH', session, 'content-length: 10')}12345`);
    expect(await answer()).toBeUndefined();
    expect(performance.now() - start).toBeGreaterThan(idleLimit - 50);
    const rest = await fetch(`http://127.0.0.1:${port}${session}?digest=${sha256('1234567890')}`, {
      method: 'PUT',
      headers: { 'content-range': '5-9' },
      body: '67890',
    });
    expect(rest.status).toBe(201);
  });

  test('cuts headers that trickle in, with 408', async () => {
    const { write, answer, socket } = await connect(port);
    write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n');
    const trickle = setInterval(() => socket.writable && write('x: y\r\n'), 50);
    const refused = await answer();
    clearInterval(trickle);
    expect(refused).toMatchObject({ status: 408, headers: { connection: 'close' } });
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({ errors: [{ code: 'BAD_REQUEST' }] });
    expect(await answer()).toBeUndefined();
  });

  test('cuts a connection on which nothing is asked', async () => {
    const { answer } = await connect(port);
    expect((await answer())?.status ?? 408).toBe(408);
  });
});

describe('one server for many', () => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.remove());

  const health = async () => {
    const start = performance.now();
    expect((await fetch(`${registry.url}/healthz`)).status).toBe(200);
    return performance.now() - start;
  };

  test('of 200 logins at once some are told to come back, and others are still served', async () => {
    const login = (user: string) =>
      fetch(`${registry.url}/auth/token?service=berth`, {
        headers: { authorization: basic({ user, password }) },
      });
    let compared = 0;
    const logins = Array.from({ length: 200 }, async (_, index) => {
      const answer = await login(`somebody-${index}`);
      if (answer.status === 401) compared += 1;
      return answer;
    });
    const slowest = Math.max(await health(), await health(), await health());
    const before = compared;
    const answers = await Promise.all(logins);
    const later = answers.filter(({ status }) => status === 429);
    process.stdout.write(`200 logins at once: ${later.length} refused, /healthz ${Math.ceil(slowest)} ms\n`);
    expect(later.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 401).length).toBe(200 - later.length);
    for (const answer of later) {
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect(await answer.json()).toMatchObject({ errors: [{ code: 'TOOMANYREQUESTS' }] });
    }
    expect(before, 'most of them still waited').toBeLessThan(compared / 2);
  }, 30_000);
});
