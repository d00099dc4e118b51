import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { S3Server } from '@berth/storage-s3/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { berth, berthEnvironment, startBerth } from './support/berth-process.ts';
import { startDockerEngine } from './support/docker-engine.ts';
import { buildImage, removeImages } from './support/image.ts';
import { sha256, startRegistry, type Registry } from './support/registry.ts';
import { tool } from './support/require.ts';
import { bucketSettings, everythingIn, startBucketServer } from './support/s3.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';

const versitygw = await tool('versitygw');
const docker = await tool('docker');
const MIB = 1024 * 1024;

describe.skipIf(!versitygw)('blobs in S3', { timeout: 180_000 }, () => {
  let server: S3Server;
  let folder: string;
  let bucket: string;
  let registry: Registry | undefined;

  beforeAll(async () => {
    server = await startBucketServer(versitygw!);
    folder = await temporaryFolder();
  });
  afterEach(async () => {
    await registry?.remove();
    registry = undefined;
  });
  afterAll(async () => {
    await server?.stop();
    await removeFolder(folder);
  });

  const newBucket = async () => {
    ({ bucket } = await server.newBucket());
    return bucketSettings(server, bucket, join(folder, bucket));
  };
  const start = async (more: Readonly<Record<string, string>> = {}) => {
    registry = await startRegistry({ env: { ...(await newBucket()), ...more } });
    const token = await registry.token(['repository:team/app:pull,push']);
    const url = registry.url;
    return async (method: string, path: string, body?: Uint8Array, headers: Record<string, string> = {}) => {
      const authorization = `Bearer ${token}`;
      const init = { method, headers: { authorization, ...headers }, redirect: 'manual' as const };
      return fetch(new URL(path, url), { ...init, ...(body && { body: Buffer.from(body) }) });
    };
  };
  type Ask = Awaited<ReturnType<typeof start>>;

  /** As docker does it: everything in one PATCH, and a PUT without a body. */
  const push = async (ask: Ask, content: Uint8Array, chunks = [content]) => {
    let { headers } = await ask('POST', '/v2/team/app/blobs/uploads/');
    for (const chunk of chunks) {
      const answer = await ask('PATCH', headers.get('location')!, chunk);
      expect(answer.status).toBe(202);
      ({ headers } = answer);
    }
    const end = new URL(headers.get('location')!, 'http://localhost');
    end.searchParams.set('digest', sha256(content));
    return ask('PUT', `${end.pathname}${end.search}`);
  };

  test.for([
    ['short', 1000],
    ['of several parts', 23 * MIB + 5],
  ] as const)('rule 49: a blob that is %s is pulled by a URL of the bucket', async ([, size]) => {
    const ask = await start();
    const content = randomBytes(size);
    expect((await push(ask, content)).status).toBe(201);
    const blob = `/v2/team/app/blobs/${sha256(content)}`;
    const answer = await ask('GET', blob);
    expect(answer.status).toBe(307);
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    expect(answer.headers.get('docker-content-digest')).toBe(sha256(content));
    const location = new URL(answer.headers.get('location')!);
    expect(location.origin).toBe(server.endpoint);
    expect(Number(location.searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(300);
    const bytes = await fetch(location, { headers: { range: 'bytes=10-' } });
    expect(bytes.status).toBe(206);
    expect(bytes.headers.get('content-type')).toBe('application/octet-stream');
    expect(Buffer.from(await bytes.arrayBuffer()).equals(content.subarray(10))).toBe(true);
    const head = await ask('HEAD', blob);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(size)]);
    expect((await ask('GET', blob, undefined, { 'if-none-match': `"${sha256(content)}"` })).status).toBe(304);
    expect((await everythingIn({ ...server, bucket })).filter((key) => key.includes('upload)'))).toEqual([]);
  });

  test("such a URL is the bucket's own also where the registry writes whole URLs", async () => {
    const ask = await start({ REGISTRY_HTTP_RELATIVEURLS: 'false' });
    const content = randomBytes(100);
    await push(ask, content);
    const { headers } = await ask('GET', `/v2/team/app/blobs/${sha256(content)}`);
    expect(new URL(headers.get('location')!).origin).toBe(server.endpoint);
  });

  test('nobody gets a URL of a blob that he may not read', async () => {
    const ask = await start();
    const content = randomBytes(100);
    await push(ask, content);
    const anonymous = await fetch(`${registry!.url}/v2/team/app/blobs/${sha256(content)}`, {
      redirect: 'manual',
    });
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.has('location')).toBe(false);
    const elsewhere = await ask('GET', `/v2/team/other/blobs/${sha256(content)}`);
    expect([elsewhere.status, elsewhere.headers.has('location')]).toEqual([401, false]);
  });

  test('redirects can be switched off: then the bytes pass through', async () => {
    const ask = await start({ REGISTRY_STORAGE_REDIRECT_DISABLE: 'true' });
    const content = randomBytes(12 * MIB);
    await push(ask, content);
    const whole = await ask('GET', `/v2/team/app/blobs/${sha256(content)}`);
    expect(whole.status).toBe(200);
    expect(sha256(Buffer.from(await whole.arrayBuffer()))).toBe(sha256(content));
    const part = await ask('GET', `/v2/team/app/blobs/${sha256(content)}`, undefined, { range: 'bytes=7-9' });
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, content.subarray(7, 10)]);
  });

  test('an upload in chunks that are no parts', async () => {
    const ask = await start();
    const content = randomBytes(25 * MIB);
    const chunks = [3, 9, 12, 12.5, 25].map((end, index, ends) => {
      return content.subarray((ends[index - 1] ?? 0) * MIB, end * MIB);
    });
    expect((await push(ask, content, chunks)).status).toBe(201);
    const { headers } = await ask('GET', `/v2/team/app/blobs/${sha256(content)}`);
    const bytes = await (await fetch(headers.get('location')!)).arrayBuffer();
    expect(sha256(Buffer.from(bytes))).toBe(sha256(content));
  });

  test('a wrong digest leaves nothing in the bucket', async () => {
    const ask = await start();
    const { headers } = await ask('POST', '/v2/team/app/blobs/uploads/');
    const { headers: next } = await ask('PATCH', headers.get('location')!, randomBytes(12 * MIB));
    const end = `${next.get('location')}?digest=${sha256('something else')}`;
    expect((await ask('PUT', end)).status).toBe(400);
    expect(await everythingIn({ ...server, bucket })).toEqual([]);
  });

  test('an upload goes on where it was when the server was killed', async () => {
    const env = await newBucket();
    const admin = { name: 'admin', password: 'the-password-of-the-admin' };
    const options = { env: { ...env, REGISTRY_AUTH: 'none', BERTH_ADMIN_PASSWORD: admin.password } };
    const content = randomBytes(27 * MIB);
    const half = content.subarray(0, 16 * MIB);
    const killed = await startBerth(options);
    const begun = await fetch(`${killed.url}/v2/team/app/blobs/uploads/`, { method: 'POST' });
    const path = begun.headers.get('location')!;
    await fetch(new URL(path, killed.url), { method: 'PATCH', body: Buffer.from(half) });
    await killed.stop('SIGKILL');
    await killed.remove();
    const process = await startBerth(options);
    const status = await fetch(new URL(path, process.url));
    expect(status.headers.get('range')).toBe(`0-${half.length - 1}`);
    const end = new URL(`${path}?digest=${sha256(content)}`, process.url);
    const ended = await fetch(end, { method: 'PUT', body: Buffer.from(content.subarray(half.length)) });
    expect(ended.status).toBe(201);
    const pulled = await fetch(new URL(`/v2/team/app/blobs/${sha256(content)}`, process.url));
    expect(sha256(Buffer.from(await pulled.arrayBuffer()))).toBe(sha256(content));
    await process.remove();
  });

  test.for([
    ['there is no bucket "no-such-bucket"', { REGISTRY_STORAGE_S3_BUCKET: 'no-such-bucket' }],
    ['ListObjectsV2 on the bucket', { REGISTRY_STORAGE_S3_SECRETKEY: 'a-wrong-secret' }],
    [
      'ECONNREFUSED',
      { REGISTRY_STORAGE_S3_REGIONENDPOINT: 'http://127.0.0.1:1', REGISTRY_STORAGE_S3_MAXATTEMPTS: '1' },
    ],
  ] as const)('a start that cannot use the bucket says so: %s', async ([words, wrong]) => {
    const env = berthEnvironment(folder, { ...(await newBucket()), ...wrong });
    const { code, output } = await berth(['serve'], { env });
    expect(code).toBe(1);
    expect(output).toContain('the storage in S3 cannot be used');
    expect(output).toContain(words);
    expect(output).not.toMatch(/a-wrong-secret|\n\s+at /);
  });

  test.skipIf(!docker)('docker pushes, and pulls by redirects', { timeout: 120_000 }, async () => {
    const engine = await startDockerEngine(docker!);
    const admin = { name: 'admin', password: 'the-password-of-the-admin' };
    const process = await startBerth({
      env: { ...(await newBucket()), BERTH_ADMIN_PASSWORD: admin.password },
    });
    try {
      const client = await engine.client('admin');
      const login = ['login', process.host, '-u', admin.name, '--password-stdin'];
      await client.dockerOk(login, { input: admin.password });
      const image = `${process.host}/team/app:1`;
      await buildImage(client, image, 'from a bucket');
      await client.dockerOk(['push', image]);
      await removeImages(client);
      expect(await client.dockerOk(['run', '--rm', '--network', 'none', image])).toBe('from a bucket');
      expect(await everythingIn({ ...server, bucket })).toHaveLength(3);
    } finally {
      await process.remove();
      await engine.stop();
    }
  });
});
