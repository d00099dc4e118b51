import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newUser, type Somebody } from './support/people.ts';
import { imageManifest, imageType, sha256, startRegistry, type Registry } from './support/registry.ts';
import { until } from './support/waiting.ts';

/** What the registry's part of the administration API refuses is in the audit under the name of what was tried. */
let registry: Registry;
let alice: Somebody;
let bob: Somebody;

beforeAll(async () => {
  registry = await startRegistry();
  alice = await newUser(registry, 'alice');
  bob = await newUser(registry, 'bob');
  await push('app');
  await push('open');
  await alice.api('PATCH', '/repositories/alice/app', { immutableTags: ['v*'] });
  await alice.api('POST', '/grants', { subject: 'user:bob', repository: 'alice/open', role: 'reader' });
});

afterAll(() => registry.remove());

async function push(name: string): Promise<void> {
  const scope = [`repository:alice/${name}:pull,push`];
  const headers = { 'content-type': imageType };
  await alice.v2('POST', `alice/${name}/blobs/uploads/?digest=${sha256('{}')}`, scope, { body: '{}' });
  await alice.v2('PUT', `alice/${name}/manifests/v1`, scope, { body: imageManifest('{}', []), headers });
}

async function newest(action: string, actor: string): Promise<object | undefined> {
  const { status, body } = await registry.api(
    'GET',
    `/audit?action=${action}&subject=${actor}&outcome=denied&n=1`,
  );
  expect(status).toBe(200);
  return (body as { items: object[] }).items[0];
}

const app = { repository: 'alice/app' };
const open = { repository: 'alice/open' };
const visibility = { visibility: 'public' };

const rows: readonly [
  call: string,
  body: object | undefined,
  status: number,
  action: string,
  event: object,
][] = [
  ['POST /gc', { dryRun: true }, 403, 'job.garbage-collect', {}],
  ['POST /verify', {}, 403, 'job.verify', {}],
  ['POST /check', {}, 403, 'job.check', {}],
  ['POST /export', {}, 403, 'job.export', {}],
  ['GET /gc', undefined, 403, 'job.read', {}],
  ['GET /jobs/an-id', undefined, 403, 'job.read', { target: 'an-id' }],
  ['GET /repositories/alice/app', undefined, 404, 'repository.read', app],
  ['GET /repositories/alice/app/-/manifests/v1', undefined, 404, 'repository.read', { ...app, target: 'v1' }],
  ['PATCH /repositories/alice/app', visibility, 404, 'repository.change', app],
  ['PATCH /repositories/alice/open', visibility, 403, 'repository.change', open],
  ['DELETE /repositories/alice/open', undefined, 403, 'repository.delete', open],
];

describe('bob is refused', () => {
  test.each(rows)('%s %j: %i, %s', async (call, body, status, action, event) => {
    const [method = '', path = ''] = call.split(' ');
    expect((await bob.api(method, path, body)).status).toBe(status);
    const recorded = await until(action, async () => {
      const found = await newest(action, 'bob');
      return found !== undefined && matches(found, event) ? found : undefined;
    });
    expect(recorded).toMatchObject({ action, actor: 'bob', outcome: 'denied', reason: expect.any(String) });
  });
});

function matches(found: object, event: object): boolean {
  return Object.entries(event).every(([name, value]) => found[name as keyof typeof found] === value);
}

test('a repository that its owner may not delete because of a tag, too', async () => {
  expect((await alice.api('DELETE', '/repositories/alice/app')).status).toBe(409);
  const event = await until('it', () => newest('repository.delete', 'alice'));
  expect(event).toMatchObject({ repository: 'alice/app', reason: expect.stringContaining('v1') });
});

test('what is missing is no denial, nor is what may be done', async () => {
  expect((await bob.api('GET', '/repositories/alice/nothing')).status).toBe(404);
  expect((await alice.api('GET', '/repositories/alice/app')).status).toBe(200);
  await bob.api('GET', '/audit');
  await until('what came after it', () => newest('audit.read', 'bob'));
  for (const query of ['repository=alice/nothing', 'subject=alice&action=repository.read']) {
    expect((await registry.api('GET', `/audit?${query}`)).body).toEqual({ items: [] });
  }
});

test('an action that there is not is refused in the shape of the registry', async () => {
  expect(await registry.api('GET', '/audit?action=grant.creat')).toMatchObject({
    status: 400,
    body: {
      errors: [
        {
          code: 'BAD_REQUEST',
          message: 'action: there is no action grant.creat; did you mean grant.create?',
          detail: { field: 'action' },
        },
      ],
    },
  });
});
