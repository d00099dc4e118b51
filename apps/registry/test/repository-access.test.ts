import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../src/cli/testing/hosts.ts';
import { password, sha256, startRegistry, type Registry } from './support/registry.ts';

let registry: Registry;
let grant: string;

beforeAll(async () => {
  registry = await startRegistry();
  const headers = { authorization: `Bearer ${await registry.token(['repository:team/app:pull,push'])}` };
  const upload = `${registry.url}/v2/team/app/blobs/uploads/?digest=${sha256('x')}`;
  expect((await fetch(upload, { method: 'POST', headers, body: 'x' })).status).toBe(201);
  await registry.api('POST', '/users', { name: 'bob', password: 'the password of bob' });
  const wanted = { subject: 'user:bob', repository: 'team/*', role: 'reader' };
  grant = (await registry.api('POST', '/grants', wanted)).body.id;
});

afterAll(() => registry.remove());

const berth = (args: string, user = 'admin', secret = password) =>
  run(args.split(' '), { environment: { server: registry.url, user, password: secret } });

test('berth repository access says who can do what, and through which grant', async () => {
  expect(await berth('repository access team/app')).toMatchObject({ code: 0, stderr: '' });
  const { stdout } = await berth('repository access team/app');
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['WHO', 'ACTIONS', 'THROUGH'],
    ['user:admin', 'pull,push,delete,create,overwrite,admin', 'administration of **'],
    ['user:bob', 'pull', `grant ${grant} reader team/*`],
    [''],
  ]);
});

test('and as JSON', async () => {
  const { stdout } = await berth('repository access team/app --json');
  expect(JSON.parse(stdout)).toMatchObject({
    items: [{ subject: 'user:admin' }, { subject: 'user:bob', actions: ['pull'] }],
  });
});

test('not to who manages nothing there: as if there were no such repository', async () => {
  const hidden = await berth('repository access team/app', 'bob', 'the password of bob');
  const missing = await berth('repository access team/none', 'bob', 'the password of bob');
  expect(hidden.code).not.toBe(0);
  expect(hidden.stderr).toBe('berth: there is no repository team/app\n');
  expect({ ...hidden, stderr: hidden.stderr.replace('team/app', 'team/none') }).toEqual(missing);
});

test('a deny of pull closes the content to an administrator, and hides nothing from him', async () => {
  const deny = { effect: 'deny', subject: 'authenticated', repository: 'team/**', actions: ['pull'] };
  const { id } = (await registry.api('POST', '/grants', deny)).body;
  const { status, body } = await registry.api('GET', '/repositories/team/app');
  expect([status, body.errors[0].code]).toEqual([403, 'DENIED']);
  const changed = await registry.api('PATCH', '/repositories/team/app', { visibility: 'internal' });
  expect(changed).toMatchObject({ status: 200, body: { visibility: 'internal' } });
  const hidden = await berth('repository show team/app', 'bob', 'the password of bob');
  const missing = await berth('repository show team/none', 'bob', 'the password of bob');
  expect({ ...hidden, stderr: hidden.stderr.replace('team/app', 'team/none') }).toEqual(missing);
  await registry.api('PATCH', '/repositories/team/app', { visibility: 'private' });
  await registry.api('DELETE', `/grants/${id}`);
});

test('who may not pull does not open the repository to everybody, nor does he see what it holds', async () => {
  await registry.api('POST', '/users', { name: 'carol', password: 'the password of carol' });
  const manages = { subject: 'user:carol', repository: 'team/app', actions: ['admin'] };
  await registry.api('POST', '/grants', manages);
  const carol = (visibility: string) =>
    berth(`repository visibility team/app ${visibility}`, 'carol', 'the password of carol');
  for (const visibility of ['public', 'internal']) {
    expect(await carol(visibility)).toMatchObject({
      stderr: expect.stringContaining('no grant gives pull on'),
    });
  }
  await registry.api('PATCH', '/repositories/team/app', { visibility: 'public' });
  expect(await carol('private')).toMatchObject({ code: 0 });
  await registry.api('POST', '/grants', { ...manages, actions: ['pull'] });
  expect(await carol('public')).toMatchObject({ code: 0 });
});

test('who shares for some time opens no repository for ever, and closes it', async () => {
  await registry.api('POST', '/users', { name: 'dora', password: 'the password of dora' });
  const dora = (command: string) => berth(`repository ${command}`, 'dora', 'the password of dora');
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const allow = (more: object) =>
    registry.api('POST', '/grants', { subject: 'user:dora', repository: 'team/app', ...more });
  await registry.api('PATCH', '/repositories/team/app', { visibility: 'private' });

  await allow({ role: 'owner', expiresAt });
  const ends = (action: string) => ({
    code: 1,
    stderr: expect.stringContaining(`your ${action} on team/app ends at ${expiresAt}`),
  });
  expect(await dora('visibility team/app public')).toMatchObject(ends('pull'));
  await allow({ role: 'reader' });
  expect(await dora('visibility team/app internal')).toMatchObject(ends('admin'));
  await registry.api('PATCH', '/repositories/team/app', { visibility: 'internal' });
  expect(await dora('visibility team/app public')).toMatchObject(ends('admin'));
  expect(await dora('visibility team/app private')).toMatchObject({ code: 0 });
  expect(await dora('immutable team/app v*')).toMatchObject({ code: 0 });
  expect(await dora('immutable team/app --none')).toMatchObject({ code: 0 });

  await allow({ actions: ['admin'] });
  expect(await dora('visibility team/app public')).toMatchObject({ code: 0 });
});

test('that a token ends keeps its owner from nothing that he may without it', async () => {
  await registry.api('POST', '/users', { name: 'erin', password: 'the password of erin' });
  await registry.api('POST', '/grants', { subject: 'user:erin', repository: 'team/app', role: 'owner' });
  await registry.api('PATCH', '/repositories/team/app', { visibility: 'private' });
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const { secret } = (await registry.api('POST', '/tokens', { name: 'day', user: 'erin', expiresAt })).body;
  expect(await berth('repository visibility team/app public', 'erin', secret)).toMatchObject({ code: 0 });
});
