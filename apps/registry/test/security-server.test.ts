import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '@berth/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfiguration } from '../src/config/index.ts';
import { silentLogger } from '../src/logging.ts';
import { openParts } from '../src/parts.ts';
import { cpuTime } from '@berth/protocol/testing';
import { payloadOf } from './support/forgery.ts';
import { newUser, seen, somebody, type Somebody } from './support/people.ts';
import { rawRequest } from './support/raw-http.ts';
import { basic, sha256, startRegistry, type Registry } from './support/registry.ts';
import { until } from './support/waiting.ts';

/** What can be asked of the token endpoint, and what is hurled at the port: by the numbers of `docs/interoperability.md`. */
let registry: Registry;
let alice: Somebody;
const passwordOf = (name: string) => `password of ${name}`;

beforeAll(async () => {
  registry = await startRegistry();
  alice = await newUser(registry, 'alice');
});

afterAll(() => registry.remove());

const post = (form: Record<string, string> | string, headers: Record<string, string> = {}) =>
  fetch(`${registry.url}/auth/token`, { method: 'POST', body: new URLSearchParams(form), headers });

const byRefresh = (refresh_token: string, more: Record<string, string> = {}) =>
  post({ grant_type: 'refresh_token', service: 'berth', refresh_token, ...more });

const v2 = (path: string, token: string) =>
  fetch(`${registry.url}/v2/${path}`, { headers: { authorization: `Bearer ${token}` } });

describe('scopes', () => {
  const access: [string, string, string[]][] = [
    ['10: all of what she may', 'repository:alice/app:*', ['pull', 'push', 'delete']],
    ['10: no more than there is', 'repository:alice/app:pull,admin,create,overwrite,fly', ['pull']],
    ['10: actions in capitals', 'repository:alice/app:PULL', []],
    ['10: actions with a gap', 'repository:alice/app:pull,,push', ['pull', 'push']],
    ['10: a comma that is encoded twice', 'repository:alice/app:pull%2Cpush', []],
    ['10: no action', 'repository:alice/app:', []],
    ['10: what is of others', 'repository:bob/app:*', []],
    ['11: a name in capitals', 'repository:Alice/app:pull', []],
    ['11: an empty segment', 'repository:alice//app:pull', []],
    ['11: a way up', 'repository:bob/../alice/app:pull', []],
    ['11: a slash before', 'repository:/alice/app:pull', []],
    ['11: a slash behind', 'repository:alice/app/:pull', []],
    ['11: an encoded slash', 'repository:alice%2Fapp:pull', []],
    ['11: a NUL', 'repository:alice/app\0:pull', []],
    ['11: a line break', 'repository:alice/app\n:pull', []],
    ['11: a host before', 'repository:localhost:5000/alice/app:pull', []],
    ['11: a letter that looks alike', 'repository:аlice/app:pull', []],
    ['11: a name of 60 kB', `repository:alice/${'a'.repeat(60_000)}:pull`, []],
    ['11: another type', 'repositoryx:alice/app:pull', []],
    ['11: the class of plugins', 'repository(plugin):alice/app:pull', ['pull']],
    ['12: a wildcard as a name', 'repository:*:pull', []],
    ['12: a wildcard in a name', 'repository:alice/*:pull', []],
    ['12: a pattern', 'repository:alice/**:pull', []],
    ['12: another registry type', 'registry:*:*', []],
    ['12: wildcards only', '*:*:*', []],
    ['12: the catalog, to pull', 'registry:catalog:pull', []],
    ['12: the catalog', 'registry:catalog:*', ['*']],
  ];

  test.each(access)('%s', async (_, scope, actions) => {
    const form = { grant_type: 'password', username: 'alice', password: passwordOf('alice'), scope };
    const answer = await post(form);
    expect(answer.status).toBe(200);
    const { token } = (await answer.json()) as { token: string };
    const given = payloadOf(token)['access'] as { actions: string[] }[];
    expect(given.flatMap((item) => item.actions)).toEqual(actions);
  });

  test('22, 39: many scopes make no token that is too long for a header, and take no time', async () => {
    const scopes = Array.from(
      { length: 500 },
      (_, index) => `repository:alice/${'long'.repeat(20)}${index}:*`,
    );
    const form = {
      grant_type: 'password',
      username: 'alice',
      password: passwordOf('alice'),
      scope: scopes.join(' '),
    };
    const { token } = (await (await post(form)).json()) as { token: string };
    expect(token.length).toBeLessThan(7168);
    expect((await v2('', token)).status).toBe(200);
    const actions = Array.from({ length: 9000 }, (_, index) => `a:b:${index.toString(36)}`);
    const body = `grant_type=password&scope=${actions.join('+').slice(0, 65_000)}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const taken = await cpuTime(async () => {
      expect((await fetch(`${registry.url}/auth/token`, { method: 'POST', body, headers })).status).toBe(200);
    });
    expect(taken).toBeLessThan(1000);
    expect((await post({ grant_type: 'password', scope: 'a'.repeat(70_000) })).status).toBe(413);
  });

  test('38: asking makes nothing', async () => {
    const scopes = Array.from({ length: 40 }, (_, index) => `repository:alice/fresh${index}:pull,push`);
    expect(payloadOf((await alice.token(scopes)).token)['access']).toHaveLength(40);
    const database = await openDatabase<{ repository: { name: string } }>(join(registry.folder, 'berth.db'));
    expect(await database.reader.selectFrom('repository').select('name').execute()).toEqual([]);
    await database.close();
  });
});

describe('who one is', () => {
  test('13: tokens are for this registry only', async () => {
    for (const service of ['other', 'BERTH', 'berth ', 'http://localhost']) {
      const query = new URLSearchParams({ service });
      const answer = await fetch(`${registry.url}/auth/token?${query}`, {
        headers: { authorization: alice.authorization },
      });
      expect(answer.status).toBe(400);
    }
    expect((await fetch(`${registry.url}/auth/token?service=berth&service=other`)).status).toBe(400);
    expect((await fetch(`${registry.url}/auth/token?service=`)).status).toBe(200);
  });

  test('14: it is the credential that says so', async () => {
    const { token } = await alice.token(['repository:admin/app:pull'], {
      account: 'admin',
      client_id: 'admin',
    });
    expect(payloadOf(token)).toMatchObject({ sub: 'alice', access: [] });
    const form = {
      grant_type: 'password',
      username: 'alice',
      password: passwordOf('alice'),
      account: 'admin',
    };
    expect(payloadOf(((await (await post(form)).json()) as { token: string }).token)).toMatchObject({
      sub: 'alice',
    });
    expect((await post(form, { authorization: alice.authorization })).status).toBe(400);
    const twice = `authorization: ${alice.authorization}\r\n`.repeat(2);
    for (const path of ['/auth/token', '/v2/', '/api/v1/me']) {
      const text = await rawRequest(
        registry.port,
        `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${twice}connection: close\r\n\r\n`,
      );
      expect(text).toMatch(/^HTTP\/1.1 400 /);
    }
  });

  test('9: a credential of one kind is none of another', async () => {
    const { token, refresh_token } = await alice.token([], { offline_token: 'true' });
    const { secret } = (await alice.api('POST', '/tokens', { name: 'x' })).body;
    for (const bearer of [refresh_token, secret]) expect((await v2('', bearer)).status).toBe(401);
    for (const refresh of [token, secret]) expect((await byRefresh(refresh)).status).toBe(401);
    for (const password of [token, refresh_token]) {
      const authorization = basic({ user: 'alice', password });
      expect((await fetch(`${registry.url}/api/v1/me`, { headers: { authorization } })).status).toBe(401);
    }
    const bearer = { authorization: `Bearer ${token}` };
    expect((await fetch(`${registry.url}/api/v1/me`, { headers: bearer })).status).toBe(401);
    expect(
      (await somebody(registry, 'x', secret).token([], { offline_token: 'true' })).refresh_token,
    ).toBeUndefined();
  });

  test('18: nobody learns which names there are', async () => {
    await registry.api('POST', '/users', { name: 'without' });
    await registry.api('POST', '/users', { name: 'gone', password: passwordOf('gone'), disabled: true });
    await registry.api('POST', '/robots', { name: 'robot', pattern: '**' });
    const answers = new Set<string>();
    for (const user of ['alice', 'nobody', 'without', 'gone', 'robot', 'no name', '']) {
      const authorization = basic({
        user,
        password: user === 'gone' ? passwordOf('gone') : 'wrong password',
      });
      for (const path of ['/auth/token', '/api/v1/me']) {
        const answer = await fetch(`${registry.url}${path}`, { headers: { authorization } });
        expect(answer.status).toBe(401);
        answers.add(JSON.stringify([path, (await seen(answer)).replace('"no-store"', '')]));
      }
    }
    expect(answers.size).toBe(2);
  });

  test('19: a long password is refused, and not hashed', async () => {
    for (const length of [1025, 60_000]) {
      const form = { grant_type: 'password', username: 'alice', password: 'p'.repeat(length) };
      expect((await post(form)).status).toBe(401);
    }
    expect(
      (await post({ grant_type: 'password', username: 'alice', password: 'p'.repeat(1_000_000) })).status,
    ).toBe(413);
  });

  test('41: what means something elsewhere is no name', async () => {
    for (const name of [
      '*',
      '**',
      '/.*/',
      '${account}',
      'a/b',
      'a\r\nb',
      '../a',
      'A',
      'local',
      'anonymous',
      'library',
    ]) {
      const { status } = await registry.api('POST', '/users', { name, password: passwordOf('x') });
      expect([400, 409]).toContain(status);
    }
  });
});

describe('15: a refresh token', () => {
  test('is stored hashed, is for one service, can be used at the same time, and ends with its password', async () => {
    const carol = await newUser(registry, 'carol');
    const refresh = (await carol.token([], { offline_token: 'true' })).refresh_token as string;
    for (const file of ['berth.db', 'berth.db-wal']) {
      expect((await readFile(join(registry.folder, file))).includes(refresh)).toBe(false);
    }
    expect((await byRefresh(refresh, { service: 'other' })).status).toBe(400);
    expect((await byRefresh(`${refresh}x`)).status).toBe(401);
    const all = await Promise.all(Array.from({ length: 20 }, () => byRefresh(refresh)));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    const { token } = (await (await byRefresh(refresh, { scope: 'repository:alice/app:pull' })).json()) as {
      token: string;
    };
    expect(payloadOf(token)['access']).toEqual([]);
    await registry.api('PATCH', '/users/carol', { disabled: true });
    expect([(await byRefresh(refresh)).status, (await v2('', token)).status]).toEqual([401, 401]);
    await registry.api('PATCH', '/users/carol', { disabled: false });
    expect([(await byRefresh(refresh)).status, (await v2('', token)).status]).toEqual([200, 200]);
    await carol.api('PUT', '/me/password', { current: passwordOf('carol'), new: 'quite another one' });
    expect([(await byRefresh(refresh)).status, (await v2('', token)).status]).toEqual([401, 401]);
  });
});

describe('another process changes the policy', () => {
  test('16: and the next request knows', async () => {
    const env = { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: registry.folder };
    const { configuration } = loadConfiguration({ env, cwd: registry.folder, systemPaths: [] });
    const local = await openParts(configuration, silentLogger());
    const actor = local.tokenServer.localActor();
    const change = async (method: string, path: string, params: Record<string, string>, body?: object) => {
      const route = local.tokenServer.adminRoutes.find((row) => row.method === method && row.path === path)!;
      return (await route.handle({ actor, params, query: {}, body })).body as { id: string };
    };
    const dave = await newUser(registry, 'dave');
    const { id } = await change(
      'POST',
      '/grants',
      {},
      { effect: 'allow', subject: 'user:dave', repository: 'alice/app', role: 'reader' },
    );
    const { token } = await dave.token(['repository:alice/app:pull']);
    expect((await v2('alice/app/tags/list', token)).status).toBe(404);
    await change('DELETE', '/grants/:id', { id });
    expect((await v2('alice/app/tags/list', token)).status).toBe(401);
    await change('PATCH', '/users/:name', { name: 'dave' }, { disabled: true });
    expect((await v2('', token)).status).toBe(401);
    expect((await dave.api('GET', '/me')).status).toBe(401);
    await local.close();
  });
});

describe('at the port', () => {
  const get = (path: string, ...headers: string[]) =>
    rawRequest(registry.port, [`GET ${path} HTTP/1.1`, 'connection: close', ...headers, '', ''].join('\r\n'));

  test('33: the realm is the configured one, whatever is sent', async () => {
    const other = await startRegistry({ env: { REGISTRY_HTTP_HOST: 'https://registry.example' } });
    const spoofed = [
      'host: evil.example',
      'x-forwarded-host: evil.example',
      'x-forwarded-proto: http',
      'forwarded: host=evil.example',
    ];
    const text = await rawRequest(
      other.port,
      ['GET /v2/ HTTP/1.1', 'connection: close', ...spoofed, '', ''].join('\r\n'),
    );
    await other.remove();
    expect(text).toContain('realm="https://registry.example/auth/token"');
    expect(text).not.toContain('evil');
  });

  test.each(['a"b', 'a b', '[::1', 'localhost:99999', 'localhost:5000/x', '[:::::]', 'a,b', 'a@b'])(
    '33: %s is no host',
    async (host) => {
      for (const header of [`host: ${host}`, `host: localhost\r\nx-forwarded-host: ${host}`]) {
        const text = await get('/v2/', header);
        expect(text).toMatch(/^HTTP\/1.1 (400|401) /);
        const [, realm] = /realm="(.*)",service/.exec(text) ?? [];
        expect([undefined, 'http://a/auth/token', 'http://localhost/auth/token']).toContain(realm);
      }
    },
  );

  test.each(['x",realm="http://evil.example/', 'x\r\nset-cookie: a=b', '日本', 'é', ' ', '\\'])(
    'a challenge holds no %j that the client made up',
    async (from) => {
      const path = `/v2/alice/app/blobs/uploads/?mount=${sha256('')}&from=${encodeURIComponent(from)}`;
      const answer = await fetch(`${registry.url}${path}`, { method: 'POST' });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(answer.headers.get('www-authenticate')).toMatch(
        /^Bearer realm="[^"]+",service="berth",scope="repository:alice\/app:pull,push"$/,
      );
    },
  );

  test('20: what is no address is not taken for one', async () => {
    const said = ['1.2.3', '999.1.1.1', '...', "' OR 1=1--", 'unknown', '192.0.2.1, x'];
    for (const address of said) {
      const authorization = basic({ user: 'mallory', password: 'wrong password' });
      const headers = { authorization, 'x-forwarded-for': address };
      expect((await fetch(`${registry.url}/auth/token`, { headers })).status).toBe(401);
    }
    const failures = await until('the audit', async () => {
      const { items } = (await registry.api('GET', '/audit?subject=mallory')).body as {
        items: { address: string }[];
      };
      return items.length === said.length ? items : undefined;
    });
    expect(new Set(failures.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
  });

  test.each([
    '/users?last=%27%20OR%201%3D1--',
    '/repositories?last=%27%20OR%201%3D1--',
    '/audit?subject=%27%20OR%201%3D1--',
    '/audit?repository=x%27%3B%20DROP%20TABLE%20audit--',
    '/grants?last=%00',
    '/users/%E0%A4%A',
    '/users/%00',
    '/users?__proto__=x',
    '/users?n=1&n=2',
    '/repositories/%2e%2e%2fx',
  ])('SQL and worse in %s are words', async (path) => {
    const { status } = await registry.api('GET', path);
    expect([200, 400, 404]).toContain(status);
  });

  test('39: pages and paths have their limits', async () => {
    const { token } = await alice.token(['registry:catalog:*']);
    expect((await v2('_catalog?n=1000000000000', token)).status).toBe(400);
    expect((await v2('_catalog?n=-1', token)).status).toBe(400);
    expect((await v2('_catalog?n=999999999', token)).status).toBe(200);
    expect((await registry.api('GET', '/users?n=1000000000')).status).toBe(400);
    expect(await get(`/v2/${'a/'.repeat(4000)}tags/list`, 'host: localhost')).toMatch(/^HTTP\/1.1 400 /);
    expect(await get('/v2/', 'host: localhost', `authorization: Basic ${'A'.repeat(20_000)}`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
  });

  test('a parameter that is given twice is refused: no dry run changes anything', async () => {
    const wanted = { subject: 'anonymous', repository: 'alice/twice', role: 'reader' };
    for (const query of ['dryRun=true&dryRun=false', 'dryRun=false&dryRun=true']) {
      expect((await alice.api('POST', `/grants?${query}`, wanted)).status).toBe(400);
    }
    const { items } = (await alice.api('GET', '/grants?repository=alice/twice')).body;
    expect(items).toEqual([]);
  });

  test('42: no other site can send what a browser adds its password to', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const headers = {
        authorization: alice.authorization,
        'content-type': type,
        origin: 'https://evil.example',
      };
      const answer = await fetch(`${registry.url}/api/v1/tokens`, {
        method: 'POST',
        headers,
        body: '{"name":"x"}',
      });
      expect(answer.status).toBe(415);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('40: a grant that cannot be read is no yes', async () => {
    const { body } = await registry.api('POST', '/grants', {
      subject: 'anonymous',
      repository: 'alice/open',
      role: 'reader',
    });
    const write = async (pattern: string) => {
      const database = await openDatabase<{
        access_grant: { id: string; pattern: string };
        version: { value: number };
      }>(join(registry.folder, 'berth.db'));
      await database.transaction(async (trx) => {
        await trx.updateTable('access_grant').set({ pattern }).where('id', '=', body.id).execute();
        await trx
          .updateTable('version')
          .set((eb) => ({ value: eb('value', '+', 1) }))
          .execute();
      });
      await database.close();
    };
    const { token } = await somebody(registry, '').token(['repository:alice/open:pull']);
    await write('(a+)+$');
    for (const path of ['alice/open/tags/list', 'alice/app/tags/list', '_catalog']) {
      expect((await v2(path, token)).status).toBeGreaterThanOrEqual(500);
    }
    await write('alice/open');
    expect((await v2('alice/open/tags/list', token)).status).toBe(404);
  });
});
