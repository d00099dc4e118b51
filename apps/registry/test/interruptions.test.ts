import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BerthProcess, startBerth } from './support/berth-process.ts';
import { basic } from './support/registry-client.ts';
import { sha256 } from './support/registry.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';
import { until } from './support/waiting.ts';

/** What is under way when the process ends, by a signal or by force. */
const admin = { name: 'admin', password: 'a-password-of-our-own' };
const headers = { authorization: basic(admin) };
const mebibyte = 1024 * 1024;

let folder: string;
let berth: BerthProcess;

async function start(): Promise<void> {
  berth = await startBerth({ folder, env: { BERTH_ADMIN_PASSWORD: admin.password } });
}

beforeEach(async () => {
  folder = await temporaryFolder();
  await start();
});

afterEach(async () => {
  await berth.stop();
  await removeFolder(folder);
});

const uploads = '/v2/team/app/blobs/uploads/';

const ask = (method: string, path: string, body?: Uint8Array<ArrayBuffer>) =>
  fetch(`${berth.url}${path}`, { method, headers, ...(body !== undefined && { body }) });

async function startUpload(): Promise<string> {
  const started = await ask('POST', uploads);
  expect(started.status).toBe(202);
  return new URL(started.headers.get('location') ?? '', berth.url).pathname;
}

async function download(digest: string): Promise<string> {
  const answer = await ask('GET', `/v2/team/app/blobs/${digest}`);
  expect(answer.status).toBe(200);
  return sha256(await answer.bytes());
}

describe('a server that is stopped', { timeout: 180_000 }, () => {
  test('finishes the download in flight, and takes nothing new', async () => {
    const content = randomBytes(64 * mebibyte);
    const digest = sha256(content);
    expect((await ask('POST', `${uploads}?digest=${digest}`, content)).status).toBe(201);
    const request = get(`${berth.url}/v2/team/app/blobs/${digest}`, { headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const stopped = berth.stop('SIGTERM');
    const isRefused = () =>
      fetch(`${berth.url}/healthz`).then(
        () => undefined,
        () => true,
      );
    await until('the end of new requests', isRefused);
    expect(sha256(Buffer.concat(await response.toArray()))).toBe(digest);
    const downloaded = performance.now();
    expect((await stopped).code).toBe(0);
    expect(performance.now() - downloaded).toBeLessThan(5000);
  });
});

describe('a server that is killed', { timeout: 180_000 }, () => {
  test('goes on with an upload where it was', async () => {
    const content = randomBytes(3 * mebibyte);
    const session = await startUpload();
    expect((await ask('PATCH', session, content.subarray(0, mebibyte))).status).toBe(202);
    await berth.stop('SIGKILL');
    await start();
    const status = await ask('GET', session);
    expect([status.status, status.headers.get('range')]).toEqual([204, `0-${mebibyte - 1}`]);
    const middle = await ask('PATCH', session, content.subarray(mebibyte, 2 * mebibyte));
    expect([middle.status, middle.headers.get('range')]).toEqual([202, `0-${2 * mebibyte - 1}`]);
    const digest = sha256(content);
    const finished = await ask('PUT', `${session}?digest=${digest}`, content.subarray(2 * mebibyte));
    expect(finished.status).toBe(201);
    expect(await download(digest)).toBe(digest);
  });

  test('goes on with the chunk that it was receiving', async () => {
    const content = randomBytes(2 * mebibyte);
    const session = await startUpload();
    const cut = fetch(`${berth.url}${session}`, {
      method: 'PATCH',
      headers,
      duplex: 'half',
      body: new ReadableStream({ start: (stream) => stream.enqueue(content.subarray(0, mebibyte)) }),
    }).catch((error: unknown) => error);
    const file = join(folder, 'berth/uploads', session.split('/').at(-1) ?? '');
    await until('some of it', async () => (await stat(file).catch(() => undefined))?.size || undefined);
    await berth.stop('SIGKILL');
    expect(await cut).toBeInstanceOf(Error);
    await start();
    const [, end] = /^0-(\d+)$/.exec((await ask('GET', session)).headers.get('range') ?? '') ?? [];
    const received = Number(end) + 1;
    expect(received).toBeGreaterThan(1);
    expect(received).toBeLessThanOrEqual(mebibyte);
    const digest = sha256(content);
    const rest = await ask('PUT', `${session}?digest=${digest}`, content.subarray(received));
    expect(rest.status).toBe(201);
    expect(await download(digest)).toBe(digest);
  });

  test('has what it said it has: the blob, the manifest and the tag', async () => {
    const config = Buffer.from('{}');
    expect((await ask('POST', `${uploads}?digest=${sha256(config)}`, config)).status).toBe(201);
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const descriptor = { mediaType: 'application/x', digest: sha256(config), size: config.length };
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType: type, config: descriptor, layers: [] });
    const put = await fetch(`${berth.url}/v2/team/app/manifests/latest`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': type },
      body: manifest,
    });
    expect(put.status).toBe(201);
    await berth.stop('SIGKILL');
    await start();
    expect(await (await ask('GET', '/v2/team/app/manifests/latest')).text()).toBe(manifest);
    expect(await download(sha256(config))).toBe(sha256(config));
  });
});
