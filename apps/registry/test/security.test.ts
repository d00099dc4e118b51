import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newUser, seen, somebody, type Somebody } from './support/people.ts';
import { basic, imageManifest, imageType, sha256, startRegistry, type Registry } from './support/registry.ts';

/** What one may see and take of others: by the numbers of `docs/interoperability.md`. */
let registry: Registry;
let alice: Somebody;
let bob: Somebody;
let nobody: Somebody;
/** A token of alice that is for `alice/other` only. */
let narrow: Somebody;
const secret = 'the layer of alice';
const manifest = imageManifest('{}', [secret]);
const everything = ['pull', 'push', 'delete'];
const scopeOf = (name: string) => `repository:${name}:pull,push,delete`;

beforeAll(async () => {
  registry = await startRegistry();
  [alice, bob] = [await newUser(registry, 'alice'), await newUser(registry, 'bob')];
  nobody = somebody(registry, '');
  await push(alice, 'alice/app');
  await push(bob, 'bob/app', 'the layer of bob');
  const scopes = [{ repository: 'alice/other', actions: [...everything, 'create'] }];
  const { body } = await alice.api('POST', '/tokens', { name: 'narrow', scopes });
  narrow = somebody(registry, 'whoever', body.secret);
});

afterAll(() => registry.remove());

async function pushBlob(who: Somebody, name: string, content: string): Promise<number> {
  const path = `${name}/blobs/uploads/?digest=${sha256(content)}`;
  return (await who.v2('POST', path, [scopeOf(name)], { body: content })).status;
}

function put(who: Somebody, name: string, reference: string, body: string): Promise<Response> {
  const more = { body, headers: { 'content-type': imageType } };
  return who.v2('PUT', `${name}/manifests/${reference}`, [scopeOf(name)], more);
}

async function push(who: Somebody, name: string, layer = secret, tag = 'latest'): Promise<void> {
  for (const blob of ['{}', layer]) expect(await pushBlob(who, name, blob)).toBe(201);
  expect((await put(who, name, tag, imageManifest('{}', [layer]))).status).toBe(201);
}

describe('26: hidden looks like missing, byte for byte', () => {
  const digest = sha256(manifest);
  const requests: [string, string][] = [
    ['GET', 'NAME/manifests/latest'],
    ['HEAD', 'NAME/manifests/latest'],
    ['GET', `NAME/manifests/${digest}`],
    ['PUT', 'NAME/manifests/latest'],
    ['DELETE', 'NAME/manifests/latest'],
    ['DELETE', `NAME/manifests/${digest}`],
    ['GET', `NAME/blobs/${sha256(secret)}`],
    ['HEAD', `NAME/blobs/${sha256(secret)}`],
    ['DELETE', `NAME/blobs/${sha256(secret)}`],
    ['GET', 'NAME/tags/list'],
    ['GET', `NAME/referrers/${digest}`],
    ['POST', 'NAME/blobs/uploads/'],
    ['POST', `NAME/blobs/uploads/?mount=${sha256(secret)}&from=bob/app`],
    ['PATCH', 'NAME/blobs/uploads/00000000-0000-4000-8000-000000000000'],
    ['GET', 'NAME/blobs/uploads/00000000-0000-4000-8000-000000000000'],
    ['DELETE', 'NAME/blobs/uploads/00000000-0000-4000-8000-000000000000'],
  ];

  test.each(requests)('%s /v2/%s', async (method, path) => {
    for (const who of [bob, nobody, narrow]) {
      const answers = [];
      for (const name of ['alice/app', 'alice/non']) {
        const answer = await who.v2(method, path.replace('NAME', name), [scopeOf(name)]);
        expect(answer.status).toBe(401);
        answers.push((await seen(answer)).replaceAll(name, 'NAME'));
      }
      expect(answers[0]).toBe(answers[1]);
    }
  });

  const calls: [string, string, object?][] = [
    ['GET', '/repositories/NAME'],
    ['PATCH', '/repositories/NAME', { visibility: 'public' }],
    ['GET', '/repositories/NAME/-/tags'],
    ['GET', '/repositories/NAME/-/access'],
    ['POST', '/explain', { subject: 'user:alice', repository: 'NAME', actions: ['pull'] }],
    ['POST', '/explain', { repository: 'NAME', actions: ['pull', 'push', 'create', 'admin'] }],
    ['POST', '/grants', { subject: 'user:bob', repository: 'NAME', role: 'reader' }],
    ['POST', '/robots', { name: 'robot', pattern: 'NAME' }],
    ['GET', '/repositories?last=alice/'],
  ];

  test.each(calls)('%s /api/v1%s', async (method, path, body) => {
    for (const who of [bob, nobody, narrow]) {
      const ask = (name: string) =>
        who.api(
          method,
          path.replace('NAME', name),
          body && JSON.parse(JSON.stringify(body).replace('NAME', name)),
        );
      const hidden = await ask('alice/app');
      const missing = await ask('alice/non');
      expect(JSON.stringify(hidden).replaceAll('alice/app', 'NAME')).toBe(
        JSON.stringify(missing).replaceAll('alice/non', 'NAME'),
      );
    }
  });
});

describe('content is no capability', () => {
  test.each(['&from=alice/app', '', '&from=alice%2Fnon', '&from=..%2Falice'])(
    '23: a blob of alice is not mounted%s',
    async (from) => {
      const path = `bob/app/blobs/uploads/?mount=${sha256(secret)}${from}`;
      expect((await bob.v2('POST', path, [scopeOf('bob/app'), scopeOf('alice/app')])).status).toBe(202);
    },
  );

  test('23: nor by a token of her own that may not read it', async () => {
    const path = `alice/other/blobs/uploads/?mount=${sha256(secret)}&from=alice/app`;
    expect((await narrow.v2('POST', path, [scopeOf('alice/other')])).status).toBe(202);
    expect((await alice.v2('POST', path, [scopeOf('alice/other')])).status).toBe(201);
  });

  test('24: nor is it served, ended or ranged through another repository', async () => {
    const blob = `bob/app/blobs/${sha256(secret)}`;
    for (const headers of [{}, { range: 'bytes=0-0' }]) {
      for (const method of ['HEAD', 'GET', 'DELETE']) {
        expect((await bob.v2(method, blob, [scopeOf('bob/app')], { headers })).status).toBe(404);
      }
    }
    const whole = `bob/app/blobs/uploads/?digest=${sha256(secret)}`;
    expect((await bob.v2('POST', whole, [scopeOf('bob/app')])).status).toBe(400);
    const session = await bob.v2('POST', 'bob/app/blobs/uploads/', [scopeOf('bob/app')]);
    const place = session.headers.get('location')?.slice('/v2/'.length) ?? '';
    expect((await bob.v2('PUT', `${place}?digest=${sha256(secret)}`, [scopeOf('bob/app')])).status).toBe(400);
  });

  test('25: a manifest may name only what its repository holds', async () => {
    expect((await put(bob, 'bob/app', 'stolen', manifest)).status).toBe(400);
    expect((await bob.v2('GET', 'bob/app/manifests/stolen', [scopeOf('bob/app')])).status).toBe(404);
  });

  test('28: referrers of a subject are those of the repository that is asked', async () => {
    const subject = { mediaType: imageType, digest: sha256(manifest), size: manifest.length };
    expect((await put(alice, 'alice/app', 'signed', imageManifest('{}', [], { subject }))).status).toBe(201);
    const listed = await bob.v2('GET', `bob/app/referrers/${subject.digest}`, [scopeOf('bob/app')]);
    expect(await listed.json()).toMatchObject({ manifests: [] });
  });

  test('29: an upload session is of one repository and one account', async () => {
    const started = await alice.v2('POST', 'alice/app/blobs/uploads/', [scopeOf('alice/app')]);
    const id = started.headers.get('docker-upload-uuid');
    await alice.api('POST', '/grants', { subject: 'user:bob', repository: 'alice/shared', role: 'owner' });
    for (const [who, name] of [
      [bob, 'bob/app'],
      [bob, 'alice/shared'],
      [alice, 'alice/other'],
    ] as const) {
      for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
        const path = `${name}/blobs/uploads/${id}?digest=${sha256('')}`;
        expect((await who.v2(method, path, [scopeOf(name)])).status).toBe(404);
      }
    }
    expect((await alice.v2('GET', `alice/app/blobs/uploads/${id}`, [scopeOf('alice/app')])).status).toBe(204);
  });
});

test('27: the catalog has what one may pull, and its pages no gaps', async () => {
  const namesOf = async (who: Somebody) => {
    const names: string[] = [];
    for (let path: string | undefined = '_catalog?n=1'; path !== undefined;) {
      const page = await who.v2('GET', path, ['registry:catalog:*']);
      const { repositories } = (await page.json()) as { repositories: string[] };
      expect(repositories.length).toBeLessThanOrEqual(1);
      names.push(...repositories);
      path = /<\/v2\/([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1];
    }
    return names;
  };
  await push(alice, 'alice/between');
  await alice.api('PATCH', '/repositories/alice/between', { visibility: 'internal' });
  expect(await namesOf(alice)).toEqual(['alice/app', 'alice/between']);
  expect(await namesOf(bob)).toEqual(['alice/between', 'bob/app']);
  expect(await namesOf(nobody)).toEqual([]);
  expect(await namesOf(narrow)).toEqual([]);
});

test('35: of two who make one tag, one wins where none may move it', async () => {
  const grant = { subject: 'user:bob', repository: 'alice/app', role: 'publisher' };
  await alice.api('POST', '/grants', grant);
  const rivals = await Promise.all(
    ['a', 'b', 'c', 'd'].map((note) =>
      put(bob, 'alice/app', 'v1', imageManifest('{}', [], { annotations: { note } })),
    ),
  );
  expect(rivals.map(({ status }) => status).sort()).toEqual([201, 403, 403, 403]);
  expect((await put(bob, 'alice/app', 'latest', imageManifest('{}', []))).status).toBe(403);
});

describe('36: what is of others, by its id', () => {
  test('a token, a grant and a robot of alice are nothing to bob', async () => {
    const token = (await alice.api('POST', '/tokens', { name: 'x' })).body.id as string;
    const shared = { subject: 'user:alice', repository: 'alice/x', role: 'reader' };
    const grant = (await alice.api('POST', '/grants', shared)).body.id as string;
    await alice.api('POST', '/robots', { name: 'alice-robot', pattern: 'alice/**' });
    const paths: [string, string, string][] = [
      ['DELETE', `/tokens/${token}`, '/tokens/none'],
      ['GET', `/grants/${grant}`, '/grants/none'],
      ['DELETE', `/grants/${grant}`, '/grants/none'],
      ['GET', '/robots/alice-robot', '/robots/none'],
      ['PATCH', '/robots/alice-robot', '/robots/none'],
      ['DELETE', '/robots/alice-robot', '/robots/none'],
      ['GET', '/tokens?robot=alice-robot', '/tokens?robot=none'],
    ];
    for (const [method, others, none] of paths) {
      const answer = await bob.api(method, others, {});
      expect([method, others, answer]).toEqual([method, others, await bob.api(method, none, {})]);
      expect(answer.status).toBe(404);
    }
    expect((await bob.api('POST', '/tokens', { name: 'y', robot: 'alice-robot' })).status).toBe(404);
  });

  const administration: [string, string, object?][] = [
    ['GET', '/audit'],
    ['GET', '/keys'],
    ['POST', '/keys/rotate', {}],
    ['POST', '/users', { name: 'carol', admin: true }],
    ['PATCH', '/users/bob', { admin: true }],
    ['PATCH', '/users/alice', { password: 'taken over' }],
    ['DELETE', '/users/alice'],
    ['POST', '/teams', { name: 'core' }],
    ['PUT', '/teams/core/members/bob'],
    ['GET', '/tokens?user=alice'],
    ['POST', '/tokens', { name: 'x', user: 'alice' }],
    ['POST', '/robots', { name: 'r', pattern: '**' }],
    ['POST', '/robots', { name: 'r', pattern: 'alice/**' }],
    ['POST', '/grants', { subject: 'user:bob', repository: '**', role: 'owner' }],
    ['POST', '/grants', { subject: 'user:admin', repository: 'alice/**', role: 'owner', effect: 'deny' }],
  ];

  test.each(administration)('%s %s is for others', async (method, path, body) => {
    for (const who of [bob, narrow]) expect((await who.api(method, path, body)).status).toBe(403);
    expect((await nobody.api(method, path, body)).status).toBe(401);
  });

  test.each([
    ['PUT', '/me/password', { current: 'password of bob', new: 'a new password', admin: true }],
    ['POST', '/tokens', { name: 'x', owner: 'alice' }],
    ['POST', '/grants', { subject: 'user:bob', repository: 'bob/x', role: 'reader', byAdmin: true }],
    ['POST', '/robots', { name: 'r', pattern: 'bob/**', admin: true }],
    ['PATCH', '/repositories/bob/app', { name: 'alice/app' }],
  ])('%s %s takes no more than it says', async (method, path, body) => {
    expect((await bob.api(method, path, body)).status).toBe(400);
  });

  test('a narrowed token of an administrator administers nothing', async () => {
    const scopes = [
      { repository: '**', actions: ['pull', 'push', 'delete', 'create', 'overwrite', 'admin'] },
    ];
    const { body } = await registry.api('POST', '/tokens', { name: 'narrow', scopes });
    const admin = somebody(registry, 'admin', body.secret);
    expect((await admin.api('GET', '/me')).body).toMatchObject({ admin: false });
    for (const [method, path, content] of administration) {
      expect((await admin.api(method, path, content)).status).toBe(403);
    }
    expect((await admin.api('PATCH', '/repositories/alice/app', { visibility: 'public' })).status).toBe(403);
  });
});

describe('17: who comes after somebody of the same name', () => {
  test('gets nothing of his, and his tokens stay his', async () => {
    const first = await newUser(registry, 'carol');
    await push(first, 'carol/app');
    const { token, refresh_token } = await first.token([scopeOf('carol/app')], { offline_token: 'true' });
    const personal = (await first.api('POST', '/tokens', { name: 'x' })).body.secret as string;
    expect((await registry.api('DELETE', '/users/carol')).status).toBe(204);
    expect((await registry.api('POST', '/users', { name: 'carol' })).status).toBe(409);
    await registry.api('POST', '/users', { name: 'carol', password: 'of the second', handover: true });
    const show = (authorization: string) =>
      fetch(`${registry.url}/v2/carol/app/tags/list`, { headers: { authorization } });
    expect((await show(`Bearer ${token}`)).status).toBe(401);
    expect((await show(basic({ user: 'carol', password: personal }))).status).toBe(401);
    expect((await show(first.authorization)).status).toBe(401);
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token, service: 'berth' });
    expect((await fetch(`${registry.url}/auth/token`, { method: 'POST', body: form })).status).toBe(401);
  });
});
