import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../src/cli/testing/hosts.ts';
import { newUser, type Somebody } from './support/people.ts';
import {
  imageManifest,
  imageType,
  password,
  sha256,
  startRegistry,
  type Registry,
} from './support/registry.ts';

const config = '{"os":"linux"}';
const layer = 'a layer of one repository';
const shared = 'a layer of two repositories';
const manifest = imageManifest(config, [layer, shared]);

let registry: Registry;
let owner: Somebody;
let pusher: Somebody;

beforeAll(async () => {
  registry = await startRegistry({
    env: { REGISTRY_STORAGE_MAINTENANCE_GARBAGECOLLECTION_DELAY: '0s' },
  });
  owner = await newUser(registry, 'team');
  pusher = await newUser(registry, 'pusher');
  const wanted = { subject: 'user:pusher', repository: 'team/**', actions: ['pull', 'push'] };
  expect((await registry.api('POST', '/grants', wanted)).status).toBe(201);
});

afterAll(() => registry.remove());

const scopes = (name: string) => [`repository:${name}:pull,push`];

async function push(name: string, contents: readonly string[] = [config, layer, shared]): Promise<void> {
  for (const body of contents)
    await owner.v2('POST', `${name}/blobs/uploads/?digest=${sha256(body)}`, scopes(name), { body });
}

async function put(name: string, tag: string, body = manifest): Promise<number> {
  const more = { body, headers: { 'content-type': imageType } };
  return (await owner.v2('PUT', `${name}/manifests/${tag}`, scopes(name), more)).status;
}

beforeEach(async () => {
  await push('team/app');
  expect(await put('team/app', 'latest')).toBe(201);
});

const remove = (who: Somebody = owner) => who.api('DELETE', '/repositories/team/app');
const status = async (path: string) => (await owner.v2('GET', `team/app/${path}`, scopes('team/app'))).status;

async function storedBlobs(): Promise<string[]> {
  const files = await readdir(join(registry.folder, 'docker/registry/v2/blobs'), { recursive: true });
  return files.filter((path) => path.endsWith('/data')).map((path) => path.split('/').at(-2) ?? '');
}

async function collected(): Promise<void> {
  const { body } = await registry.api('POST', '/gc', { includeRecent: true });
  await expect
    .poll(async () => (await registry.api('GET', `/jobs/${body.id}`)).body.state, { timeout: 20_000 })
    .toBe('done');
}

describe('a repository that is deleted', () => {
  test('is gone at once, with all that was in it, for everybody', async () => {
    expect(await remove()).toEqual({ status: 204, body: undefined });
    for (const path of [
      'manifests/latest',
      `manifests/${sha256(manifest)}`,
      `blobs/${sha256(layer)}`,
      'tags/list',
    ])
      expect([path, await status(path)]).toEqual([path, 404]);
    expect((await owner.api('GET', '/repositories/team/app')).status).toBe(404);
    expect((await owner.api('GET', '/repositories')).body.items).toEqual([]);
    expect((await remove()).status).toBe(404);
  });

  test('leaves to others what they hold, and its own bytes are freed', async () => {
    await push('team/other', [config, shared]);
    expect(await put('team/other', '1', imageManifest(config, [shared]))).toBe(201);
    expect(await storedBlobs()).toHaveLength(3);
    expect((await remove()).status).toBe(204);
    await collected();
    const kept = [config, shared].map((content) => sha256(content).slice('sha256:'.length));
    expect((await storedBlobs()).toSorted()).toEqual(kept.toSorted());
    const path = `team/other/blobs/${sha256(shared)}`;
    expect((await owner.v2('GET', path, scopes('team/other'))).status).toBe(200);
    expect((await owner.api('DELETE', '/repositories/team/other')).status).toBe(204);
  });

  test('is private and bare when it is pushed again', async () => {
    const change = { visibility: 'public', immutableTags: ['v*'], description: 'ours' };
    await owner.api('PATCH', '/repositories/team/app', change);
    const stranger = await newUser(registry, 'stranger');
    const token = await stranger.token(scopes('team/app'));
    await remove();
    await push('team/app');
    await put('team/app', 'latest');
    expect((await owner.api('GET', '/repositories/team/app')).body).toMatchObject({
      visibility: 'private',
      immutableTags: [],
      description: '',
      tags: 1,
    });
    const headers = { authorization: `Bearer ${token.token}` };
    const pulled = await fetch(`${registry.url}/v2/team/app/manifests/latest`, { headers });
    expect(pulled.status).toBe(401);
  });

  test('is not made again by an upload of who may push but not create', async () => {
    const started = await pusher.v2('POST', 'team/app/blobs/uploads/', scopes('team/app'));
    const place = started.headers.get('location')!.replace('/v2/', '');
    await remove();
    const finish = `${place}?digest=${sha256('x')}`;
    const refused = await pusher.v2('PUT', finish, scopes('team/app'), { body: 'x' });
    expect(refused.status).toBe(403);
    expect((await owner.api('GET', '/repositories/team/app')).status).toBe(404);
  });
});

describe('a repository stays', () => {
  test('where one of its tags is immutable', async () => {
    await owner.api('PATCH', '/repositories/team/app', { immutableTags: ['lat*'] });
    const { status: refused, body } = await remove();
    expect([refused, body.errors[0].code, body.errors[0].message]).toEqual([
      409,
      'DENIED',
      expect.stringContaining('latest is immutable'),
    ]);
    expect(await status('manifests/latest')).toBe(200);
    await owner.api('PATCH', '/repositories/team/app', { immutableTags: ['v*'] });
    expect((await remove()).status).toBe(204);
  });

  test('where one may share it, and delete no image', async () => {
    const keeper = await newUser(registry, 'keeper');
    const wanted = { subject: 'user:keeper', repository: 'team/app', actions: ['pull', 'push', 'admin'] };
    expect((await registry.api('POST', '/grants', wanted)).status).toBe(201);
    expect((await remove(keeper)).status).toBe(403);
    expect(await status('manifests/latest')).toBe(200);
  });

  test('where one may delete some of its tags only', async () => {
    const sweeper = await newUser(registry, 'sweeper');
    const wanted = { subject: 'user:sweeper', repository: 'team/app' };
    await registry.api('POST', '/grants', { ...wanted, actions: ['pull', 'admin'] });
    await registry.api('POST', '/grants', { ...wanted, actions: ['delete'], tags: 'dev-*' });
    const { status: refused, body } = await remove(sweeper);
    expect([refused, body.errors[0].message]).toEqual([
      403,
      'sweeper may not delete from team/app: no grant gives delete on team/app for every tag',
    ]);
    expect(await status('manifests/latest')).toBe(200);
  });

  test('where somebody said that one of its tags is not deleted', async () => {
    const keep = { effect: 'deny', subject: 'authenticated', repository: 'team/**', actions: ['delete'] };
    const { id } = (await registry.api('POST', '/grants', { ...keep, tags: 'latest' })).body;
    expect((await remove()).status).toBe(403);
    expect(await status('manifests/latest')).toBe(200);
    await registry.api('DELETE', `/grants/${id}`);
    expect((await remove()).status).toBe(204);
  });

  test('where one may only push', async () => {
    expect((await remove(pusher)).status).toBe(403);
    expect(await status('manifests/latest')).toBe(200);
  });
});

test('berth repository rm and manifest do it from the command line', async () => {
  const environment = { server: registry.url, user: 'admin', password };
  const berth = (args: string) => run(args.split(' '), { environment });
  const shown = await berth('repository manifest team/app latest');
  const total = `${manifest.length + config.length + layer.length + shared.length} B`;
  expect(shown.stdout).toContain(`size            ${total}, of which the manifest ${manifest.length} B`);
  expect((await berth('repository tags team/app')).stdout).toContain(`   ${total}   team   `);
  expect(await berth('repository rm team/app')).toMatchObject({ code: 2, stdout: '' });
  expect(await status('manifests/latest')).toBe(200);
  expect(await berth('repository rm team/app --yes')).toMatchObject({ code: 0, stderr: '' });
  expect(await status('manifests/latest')).toBe(404);
});
