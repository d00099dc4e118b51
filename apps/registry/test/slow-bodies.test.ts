import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newUser, somebody, type Somebody } from './support/people.ts';
import {
  imageManifest,
  imageType,
  password,
  sha256,
  startRegistry,
  type Registry,
} from './support/registry.ts';

/** A body may take hours: rights that were taken away meanwhile are gone when it has come. */
const image = imageManifest('{}', []);
const scopes = (name: string) => [`repository:${name}:pull,push`];

let registry: Registry;
let number = 0;
let bob: Somebody;

beforeAll(async () => {
  registry = await startRegistry();
  const admin = somebody(registry, 'admin', password);
  await admin.v2('POST', `team/app/blobs/uploads/?digest=${sha256('{}')}`, scopes('team/app'), {
    body: '{}',
  });
  const more = { body: image, headers: { 'content-type': imageType } };
  await admin.v2('PUT', 'team/app/manifests/1', scopes('team/app'), more);
});

afterAll(() => registry.remove());

beforeEach(async () => {
  bob = await newUser(registry, `bob${(number += 1)}`);
});

/** Sends all but the last byte, and resolves when Berth waits for it: to a function that sends it and gives the status. */
async function begin(method: string, path: string, authorization: string, body: string, type = imageType) {
  const headers = { authorization, 'content-type': type, 'content-length': Buffer.byteLength(body) };
  const sent: ClientRequest = request(`${registry.url}${path}`, { method, headers });
  const answered = new Promise<number>((resolve, reject) => {
    sent.on('response', (answer: IncomingMessage) => resolve(answer.resume().statusCode ?? 0));
    sent.on('error', reject);
  });
  sent.write(body.slice(0, -1));
  await sleep(200);
  return async () => {
    sent.end(body.slice(-1));
    return answered;
  };
}

async function grant(role: string): Promise<string> {
  const wanted = { subject: `user:${bob.name}`, repository: 'team/**', role };
  return (await registry.api('POST', '/grants', wanted)).body.id;
}

const bearer = async (name: string) => `Bearer ${(await bob.token(scopes(name))).token}`;

const takings: [string, (id: string) => Promise<unknown>, string][] = [
  ['the grant is deleted', (id) => registry.api('DELETE', `/grants/${id}`), '401'],
  ['the account is disabled', () => registry.api('PATCH', `/users/${bob.name}`, { disabled: true }), '401'],
  ['the account is deleted', () => registry.api('DELETE', `/users/${bob.name}`), '401'],
  [
    'the password is changed',
    () => registry.api('PATCH', `/users/${bob.name}`, { password: 'another one' }),
    '401',
  ],
  ['nothing happens', async () => undefined, '201'],
];

test.each(takings)('while a manifest comes %s', async (_what, take, status) => {
  const id = await grant('writer');
  const moved = image.replace('{', `{ "x-${number}": "",`);
  const finish = await begin('PUT', '/v2/team/app/manifests/1', await bearer('team/app'), moved);
  await take(id);
  expect(String(await finish())).toBe(status);
});

test.each(takings)('while a blob comes %s', async (_what, take, status) => {
  const id = await grant('writer');
  const content = `blob ${number}`;
  const path = `/v2/team/new${number}/blobs/uploads/?digest=${sha256(content)}`;
  const finish = await begin('POST', path, await bearer(`team/new${number}`), content);
  await take(id);
  expect(String(await finish())).toBe(status);
  const { status: there } = await registry.api('GET', `/repositories/team/new${number}`);
  expect(there).toBe(status === '201' ? 200 : 404);
});

test('while a manifest comes the repository is deleted, and only create makes it again', async () => {
  await registry.api('POST', '/grants', {
    subject: `user:${bob.name}`,
    repository: 'team/**',
    actions: ['pull', 'push', 'overwrite'],
  });
  const finish = await begin('PUT', '/v2/team/app/manifests/2', await bearer('team/app'), image);
  await registry.api('DELETE', '/repositories/team/app');
  expect(await finish()).toBe(403);
});

test('while a call of the administration API comes its author is no administrator any more', async () => {
  await registry.api('PATCH', `/users/${bob.name}`, { admin: true });
  const body = JSON.stringify({ name: `evil${number}`, password: 'password1', admin: true });
  const finish = await begin('POST', '/api/v1/users', bob.authorization, body, 'application/json');
  await registry.api('PATCH', `/users/${bob.name}`, { disabled: true });
  expect(await finish()).toBe(401);
  expect((await registry.api('GET', `/users/evil${number}`)).status).toBe(404);
});
