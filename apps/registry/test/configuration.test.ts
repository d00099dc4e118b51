import { writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BerthProcess, startBerth } from './support/berth-process.ts';
import { basic, untilWritten } from './support/registry-client.ts';
import { imageManifest, imageType, indexType, sha256 } from './support/registry.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';
import { until } from './support/waiting.ts';

const timeout = 180_000;
const password = 'a-password-of-our-own';
const admin = basic({ name: 'admin', password });

let root: string;
const running: BerthProcess[] = [];

beforeEach(async () => {
  root = await temporaryFolder();
});

afterEach(async () => {
  for (const process of running.splice(0)) await process.stop();
  await removeFolder(root);
}, timeout);

/** The real server, configured by a file of these lines alone. */
async function start(...keys: string[]): Promise<BerthProcess> {
  const file = join(root, 'config.yml');
  await writeFile(file, ['version: 0.1', ...keys, ''].join('\n'));
  const env = { REGISTRY_CONFIGURATION_PATH: file, BERTH_ADMIN_PASSWORD: password };
  const process = await startBerth({ folder: join(root, 'data'), env });
  running.push(process);
  return process;
}

type Sent = { method?: string; headers?: Record<string, string>; body?: string };

/** A request as the admin; with `headers: {authorization: ''}` as nobody. */
async function send({ url }: BerthProcess, path: string, { method = 'GET', headers, body }: Sent = {}) {
  const all = Object.entries({ authorization: admin, ...headers }).filter(([, value]) => value !== '');
  const sent = request(new URL(path, url), { method, headers: Object.fromEntries(all) }).end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks = await answer.toArray();
  return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() };
}

const nobody = { authorization: '' };
const startUpload = { method: 'POST' };

async function challenged(berth: BerthProcess, headers: Record<string, string> = {}): Promise<string> {
  const { status, headers: answered } = await send(berth, '/v2/', { headers: { ...nobody, ...headers } });
  expect(status).toBe(401);
  return answered['www-authenticate']!;
}

async function uploadLocation(berth: BerthProcess, headers: Record<string, string> = {}): Promise<string> {
  const answer = await send(berth, '/v2/team/app/blobs/uploads/', { ...startUpload, headers });
  expect(answer.status).toBe(202);
  return answer.headers.location!;
}

async function pushBlob(berth: BerthProcess, content: string, headers: Record<string, string> = {}) {
  const path = `/v2/team/app/blobs/uploads/?digest=${sha256(content)}`;
  expect((await send(berth, path, { method: 'POST', body: content, headers })).status).toBe(201);
}

function pushManifest(berth: BerthProcess, tag: string, body: string, headers: Record<string, string> = {}) {
  const type = { 'content-type': (JSON.parse(body) as { mediaType: string }).mediaType };
  return send(berth, `/v2/team/app/manifests/${tag}`, {
    method: 'PUT',
    body,
    headers: { ...type, ...headers },
  });
}

const manifest = imageManifest('{}', ['layer']);

async function pushImage(berth: BerthProcess, headers: Record<string, string> = {}): Promise<void> {
  await pushBlob(berth, '{}', headers);
  await pushBlob(berth, 'layer', headers);
  expect((await pushManifest(berth, 'v1', manifest, headers)).status).toBe(201);
}

const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'public.example' };

describe('where clients reach the registry', { timeout }, () => {
  test('http.host is in the realm and, without relative URLs, in Location, whatever a proxy says', async () => {
    const berth = await start('http: {host: "https://registry.example.com", relativeurls: false}');
    expect(await challenged(berth, proxied)).toContain('realm="https://registry.example.com/auth/token"');
    expect(await uploadLocation(berth, proxied)).toMatch(
      /^https:\/\/registry\.example\.com\/v2\/team\/app\//,
    );
    await until(
      'the address in the output',
      () => /docker login registry\.example\.com/.test(berth.output()) || undefined,
    );
  });

  test('http.relativeurls is true where absent', async () => {
    const berth = await start('http: {host: "https://registry.example.com"}');
    expect(await uploadLocation(berth)).toMatch(/^\/v2\/team\/app\/blobs\/uploads\//);
  });

  test('a proxy on this machine is trusted where http.trustedproxies is absent', async () => {
    const berth = await start('http: {relativeurls: false}');
    expect(await challenged(berth)).toContain(`realm="${berth.url}/auth/token"`);
    expect(await uploadLocation(berth)).toContain(`${berth.url}/v2/team/app/`);
    expect(await challenged(berth, proxied)).toContain('realm="https://public.example/auth/token"');
    expect(await uploadLocation(berth, proxied)).toMatch(/^https:\/\/public\.example\/v2\/team\/app\//);
  });

  test.each([
    ['absolute', 'http: {relativeurls: false}', (url: string) => url],
    ['relative', 'http: {relativeurls: true}', () => ''],
  ])('the Location of a chunk out of order is %s', async (_what, http, base) => {
    const berth = await start(http);
    const { pathname } = new URL(await uploadLocation(berth), berth.url);
    const headers = { 'content-type': 'application/octet-stream', 'content-range': '5-9' };
    const answer = await send(berth, pathname, { method: 'PATCH', headers, body: 'later' });
    expect([answer.status, answer.headers.location]).toEqual([416, `${base(berth.url)}${pathname}`]);
    expect(JSON.parse(answer.text).errors[0].code).toBe('RANGE_INVALID');
  });

  test('nobody else than http.trustedproxies is believed', async () => {
    const berth = await start('http: {relativeurls: false, trustedproxies: [10.0.0.0/8]}');
    const all = {
      ...proxied,
      'x-forwarded-for': '203.0.113.7',
      forwarded: 'host=public.example;proto=https',
    };
    expect(await challenged(berth, all)).toContain(`realm="${berth.url}/auth/token"`);
    expect(await uploadLocation(berth, all)).toContain(`${berth.url}/v2/team/app/`);
  });
});

describe('storage.delete.enabled', { timeout }, () => {
  const paths = [
    '/v2/team/app/manifests/v1',
    `/v2/team/app/manifests/${sha256(manifest)}`,
    `/v2/team/app/blobs/${sha256('layer')}`,
  ];

  /** CVE-2026-41888: the original went on deleting tags with deletion switched off. */
  async function expectNothingDeleted(berth: BerthProcess, headers: Record<string, string>): Promise<void> {
    for (const path of paths) {
      const answer = await send(berth, path, { method: 'DELETE', headers });
      expect([answer.status, JSON.parse(answer.text).errors[0].code]).toEqual([405, 'UNSUPPORTED']);
      expect((await send(berth, path, { headers })).status).toBe(200);
    }
    expect((await send(berth, '/v2/team/app/tags/list', { headers })).text).toContain('"v1"');
  }

  test('false: 405, and the tag is still there', async () => {
    const berth = await start('storage: {delete: {enabled: false}}');
    await pushImage(berth);
    await expectNothingDeleted(berth, {});
  });

  test('absent: on with accounts', async () => {
    const berth = await start('auth: builtin');
    await pushImage(berth);
    expect((await send(berth, paths[0]!, { method: 'DELETE' })).status).toBe(202);
    expect((await send(berth, paths[0]!)).status).toBe(404);
  });

  test('absent: off where everyone may do everything, who may push and pull without credentials', async () => {
    const berth = await start('auth: none');
    await pushImage(berth, nobody);
    await expectNothingDeleted(berth, nobody);
    expect((await send(berth, '/v2/', { headers: nobody })).status).toBe(200);
    expect((await send(berth, '/auth/token', { headers: nobody })).status).toBe(404);
  });

  test('true where everyone may do everything: everyone deletes', async () => {
    const berth = await start('auth: none', 'storage: {delete: {enabled: true}}');
    await pushImage(berth, nobody);
    expect((await send(berth, paths[0]!, { method: 'DELETE', headers: nobody })).status).toBe(202);
  });
});

test('auth.builtin: issuer, service and expiration are in the tokens', { timeout }, async () => {
  const berth = await start('auth: {builtin: {issuer: us, service: images, expiration: 600}}');
  expect(await challenged(berth)).toContain('service="images"');
  const answer = await send(berth, '/auth/token?service=images&scope=repository:team/app:pull');
  const { token, expires_in: expiresIn } = JSON.parse(answer.text);
  const { iss, aud, exp, iat } = decodeJwt(token);
  expect({ iss, aud, life: exp! - iat!, expiresIn }).toEqual({
    iss: 'us',
    aud: 'images',
    life: 600,
    expiresIn: 600,
  });
});

test('auth.builtin: signingalgorithm holds from the next start, and keylead', { timeout }, async () => {
  const signedWith = async (berth: BerthProcess) => {
    const answer = await send(berth, '/auth/token?service=berth');
    return decodeProtectedHeader((JSON.parse(answer.text) as { token: string }).token).alg;
  };
  const first = await start();
  expect(await signedWith(first)).toBe('ES256');
  await first.stop();
  const second = await start('auth: {builtin: {signingalgorithm: RS256, keylead: 6s}}');
  const published = await send(second, '/.well-known/jwks.json', { headers: nobody });
  const { keys } = JSON.parse(published.text) as { keys: { alg: string }[] };
  expect(keys.map(({ alg }) => alg)).toEqual(['RS256', 'ES256']);
  expect(published.headers['cache-control']).toBe('public, max-age=6');
  expect(await signedWith(second)).toBe('ES256');
  await until('a token of the new key', async () => (await signedWith(second)) === 'RS256' || undefined);
});

describe('log', { timeout }, () => {
  /** What is logged of one request, by the end of the process. */
  async function logged(...keys: string[]): Promise<string> {
    const berth = await start(...keys);
    await send(berth, '/v2/');
    await berth.stop();
    return berth.output();
  }

  test('level info: a line of JSON for each request, where the output is no terminal', async () => {
    expect(await logged()).toMatch(/^\{"level":30,.*"path":"\/v2\/","status":200,.*"msg":"request"\}$/m);
  });

  test('level warn: no requests, but warnings', async () => {
    const output = await logged('log: {level: warn}', 'redis: {addr: a}');
    expect(output).not.toContain('"request"');
    expect(output).toMatch(/^\{"level":40,.*config\.yml:3: redis is not supported/m);
  });

  test('level error: no warnings either', async () => {
    expect(await logged('log: {level: error}', 'redis: {addr: a}')).not.toMatch(/^\{|redis/m);
  });

  test('formatter text: lines for people, without colours in a file', async () => {
    const output = await logged('log: {formatter: text}');
    expect(output).toMatch(/INFO: request .*\/v2\//m);
    expect(output).not.toMatch(/^\{|\[3\dm/m);
  });
});

test('http.draintimeout: a request in flight is answered after SIGTERM', { timeout }, async () => {
  const berth = await start('http: {draintimeout: 20s}');
  const location = await uploadLocation(berth);
  const patch = request(new URL(location, berth.url), {
    method: 'PATCH',
    headers: { authorization: admin, 'content-length': 2 },
  });
  patch.write('a');
  await untilWritten(berth, location);
  const stopped = berth.stop('SIGTERM');
  await sleep(1500);
  patch.end('b');
  const [answer] = (await once(patch, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(202);
  expect(await stopped).toMatchObject({ code: 0, signal: null });
});

describe('validation.manifests', { timeout }, () => {
  const child = (architecture: string) => ({
    mediaType: imageType,
    digest: sha256(architecture),
    size: architecture.length,
    platform: { os: 'linux', architecture },
  });
  const index = (...architectures: string[]) =>
    JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: architectures.map(child) });
  const missingLayer = imageManifest('{}', ['layer', 'nowhere']);

  async function outcomes(berth: BerthProcess): Promise<Record<string, number | undefined>> {
    await pushImage(berth);
    return {
      layer: (await pushManifest(berth, 'v2', missingLayer)).status,
      amd64: (await pushManifest(berth, 'v3', index('amd64'))).status,
      arm64: (await pushManifest(berth, 'v4', index('arm64'))).status,
    };
  }

  const lists = 'indexes: {platforms: list, platformlist: [{os: linux, architecture: amd64}]}';
  const rows = [
    { is: 'absent', keys: 'layers: all', layer: 400, amd64: 400, arm64: 400 },
    { is: 'indexes.platforms: none', keys: 'indexes: {platforms: none}', layer: 400, amd64: 201, arm64: 201 },
    { is: 'indexes.platforms: list', keys: lists, layer: 400, amd64: 400, arm64: 201 },
    { is: 'layers: none', keys: 'layers: none', layer: 201, amd64: 400, arm64: 400 },
  ];
  test.each(rows)('$is', async ({ keys, layer, amd64, arm64 }) => {
    const berth = await start(`validation: {manifests: {${keys}}}`);
    expect(await outcomes(berth)).toEqual({ layer, amd64, arm64 });
  });
});

describe('storage.maintenance.uploadpurging', { timeout }, () => {
  const purging = (keys: string) => `storage: {maintenance: {uploadpurging: {interval: 1s, ${keys}}}}`;
  const status = async (berth: BerthProcess, location: string) => (await send(berth, location)).status;

  test('ends an abandoned upload, says so, and lets the process stop', async () => {
    const berth = await start(purging('age: 100ms'));
    const location = await uploadLocation(berth);
    await until('the end of the upload', async () => (await status(berth, location)) === 404 || undefined);
    expect(await berth.stop()).toMatchObject({ code: 0, signal: null });
    expect(berth.output()).toMatch(/"count":1,.*abandoned uploads were ended/);
  });

  test('dryrun only says so', async () => {
    const berth = await start(purging('age: 100ms, dryrun: true'));
    const location = await uploadLocation(berth);
    await until('the line in the log', () => /"count":1,.*would be ended/.test(berth.output()) || undefined);
    expect(await status(berth, location)).toBe(204);
  });

  test('leaves what is younger than age, and everything where it is switched off', async () => {
    const [young, off] = [await start(purging('age: 1h')), await start(purging('age: 0s, enabled: false'))];
    const locations = [await uploadLocation(young), await uploadLocation(off)] as const;
    await sleep(2500);
    expect(await status(young, locations[0])).toBe(204);
    expect(await status(off, locations[1])).toBe(204);
  });
});
