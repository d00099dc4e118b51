import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  imageManifest,
  imageType,
  password,
  sha256,
  startRegistry,
  type Registry,
} from './support/registry.ts';

const config = '{}';
const bob = { user: 'bob', password: 'the password of bob' };
const manifests = ['released', 'untagged', 'both'].map((layer) => imageManifest(config, [layer]));
const [released = '', untagged = '', both = ''] = manifests;

let registry: Registry;

const admin = { user: 'admin', password };

async function send(who: typeof bob, method: string, path: string, body?: string): Promise<Response> {
  const token = await registry.token(['repository:team/app:pull,push,delete'], who);
  const headers = { authorization: `Bearer ${token}`, 'content-type': imageType };
  return fetch(`${registry.url}/v2/team/app/${path}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
}

beforeAll(async () => {
  registry = await startRegistry();
  const blobs = [config, 'released', 'untagged', 'both', 'unused'];
  for (const blob of blobs) await send(admin, 'POST', `blobs/uploads/?digest=${sha256(blob)}`, blob);
  const puts = { v1: released, v2: both, latest: both, [sha256(untagged)]: untagged };
  for (const [reference, manifest] of Object.entries(puts)) {
    expect((await send(admin, 'PUT', `manifests/${reference}`, manifest)).status).toBe(201);
  }
  await registry.api('POST', '/users', { name: 'bob', password: bob.password });
  const grant = { subject: 'user:bob', repository: 'team/app', actions: ['pull', 'delete'], tags: 'v*' };
  expect((await registry.api('POST', '/grants', grant)).status).toBe(201);
});

afterAll(() => registry.remove());

test.each([
  ['a manifest without a tag', () => `manifests/${sha256(untagged)}`, 403],
  ['a manifest that is not there', () => `manifests/${sha256('nothing')}`, 403],
  ['a blob', () => `blobs/${sha256('unused')}`, 403],
  ['a tag of others', () => 'manifests/latest', 403],
  ['a manifest that such a tag names too', () => `manifests/${sha256(both)}`, 403],
  ['a manifest that only his tags name', () => `manifests/${sha256(released)}`, 202],
  ['his tag', () => 'manifests/v2', 202],
])('a right to delete the tags v*: %s', async (_, path, status) => {
  const answer = await send(bob, 'DELETE', path());
  expect([answer.status, status === 403 ? await answer.json() : undefined]).toEqual([
    status,
    status === 403 ? { errors: [expect.objectContaining({ code: 'DENIED' })] } : undefined,
  ]);
});

test('who may delete everything deletes the rest', async () => {
  for (const path of [`manifests/${sha256(untagged)}`, `blobs/${sha256('unused')}`]) {
    expect((await send(admin, 'DELETE', path)).status).toBe(202);
  }
});
