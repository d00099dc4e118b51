import { join } from 'node:path';
import { openDatabase, type Database } from '@berth/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { config, importedHash, layer, manifest, rows, type Sent } from './audit/changes.table.ts';
import {
  basic,
  imageManifest,
  imageType,
  password,
  sha256,
  startRegistry,
  type Registry,
} from './support/registry.ts';
import { until } from './support/waiting.ts';

/** Who is asked to be believed behind a proxy on this machine. */
const address = '203.0.113.7';

interface Tables {
  audit: {
    id: number;
    action: string;
    outcome: string;
    target: string | null;
    before: string | null;
    after: string | null;
  };
  credential: { secret_hash: string };
  subject: { password_hash: string | null };
  signing_key: { kid: string; private_jwk: string };
}

/** They change nothing, or begin a job as `POST /gc` does. */
const noChanges = new Set(['POST /explain', 'POST /verify', 'POST /check', 'POST /export']);

let registry: Registry;
let database: Database<Tables>;
let token: { id: string; secret: string };
let latest = '';
const secrets = new Set<string>([password, importedHash]);

beforeAll(async () => {
  registry = await startRegistry();
  database = await openDatabase<Tables>(join(registry.folder, 'berth.db'));
  const { body } = await registry.api('POST', '/tokens', { name: 'the one that is used' });
  token = body as typeof token;
  secrets.add(token.secret);
  await push();
});

afterAll(async () => {
  await database.close();
  await registry.remove();
});

async function push(): Promise<void> {
  for (const content of [config, layer]) {
    for (const name of ['team/app', 'team/gone'])
      await send('POST', `/v2/${name}/blobs/uploads/?digest=${sha256(content)}`, { content });
  }
  for (const each of ['app/manifests/latest', 'app/manifests/other', 'gone/manifests/1'])
    await send('PUT', `/v2/team/${each}`, { content: manifest });
}

async function send(method: string, path: string, { body, content, by }: Sent) {
  const inRegistry = path.startsWith('/v2/');
  const secret = by === 'password' ? currentPassword(body) : token.secret;
  const authorization = basic({ user: 'admin', password: secret });
  return fetch(`${registry.url}${inRegistry ? '' : '/api/v1'}${path}`, {
    method,
    headers: { authorization, 'content-type': typeOf(path), 'x-forwarded-for': address },
    body: content ?? (body === undefined ? null : JSON.stringify(body)),
  });
}

function typeOf(path: string): string {
  if (!path.startsWith('/v2/')) return 'application/json';
  return path.includes('/manifests/') ? imageType : 'application/octet-stream';
}

/** `PUT /me/password` comes with it. */
function currentPassword(body: object = {}): string {
  return (body as { current?: string }).current ?? password;
}

async function lastId(): Promise<number> {
  const row = await database.reader
    .selectFrom('audit')
    .select('id')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? 0;
}

async function eventsAfter(id: number) {
  const rows = await database.reader
    .selectFrom('audit')
    .selectAll()
    .where('id', '>', id)
    .orderBy('id')
    .execute();
  return rows.map(({ before, after, ...row }) => ({ ...row, ...parsed({ before, after }) }));
}

function parsed(states: { before: string | null; after: string | null }): object {
  const given = Object.entries(states).filter(([, text]) => text !== null);
  return Object.fromEntries(given.map(([name, text]) => [name, JSON.parse(text!) as unknown]));
}

/** What must not be in the audit: all that was sent or answered as a secret. */
function noteSecrets(...bodies: unknown[]): void {
  const names = new Set(['password', 'passwordHash', 'current', 'new', 'secret', 'token', 'refresh_token']);
  for (const body of bodies) {
    const fields = Object.entries((body ?? {}) as Record<string, unknown>);
    for (const [name, value] of fields) if (names.has(name)) secrets.add(String(value));
  }
}

describe('every change has its events', () => {
  test.each(rows)('%s %j', async (call, sent, events) => {
    const before = await lastId();
    const [method = '', path = ''] = call.replace(':id', latest).split(' ');
    const answer = await send(method, path, sent);
    const text = await answer.text();
    expect([answer.ok, text]).toEqual([true, expect.anything()]);
    const body = (text === '' ? {} : JSON.parse(text)) as { id?: string; kid?: string };
    noteSecrets(sent.body, body);
    latest = body.id ?? body.kid ?? latest;
    const who = { actor: 'admin', address, credential: sent.by === 'password' ? null : token.id };
    const found = await eventsAfter(before);
    expect(found).toHaveLength(events.length);
    for (const [index, event] of events.entries()) {
      expect(found[index]).toMatchObject({ ...who, ...withId(event) });
    }
  });

  test('there is a row for every call that changes something', async () => {
    const document = (await registry.api('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, unknown>>;
    };
    const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`),
    );
    const changing = calls.filter((call) => !call.startsWith('GET ') && !noChanges.has(call));
    const untested = changing.filter((call) => !rows.some(([made]) => expressionOf(call).test(made)));
    expect(changing.length).toBeGreaterThan(15);
    expect(untested).toEqual([]);
  });
});

/** The event with the id of what the call was about. */
function withId(event: object): object {
  const entries = Object.entries(event).map(([name, value]) => [name, idIn(value)]);
  return Object.fromEntries(entries) as object;
}

function idIn(value: unknown): unknown {
  if (value === ':id') return latest;
  return isState(value) && value['kid'] === ':id' ? { ...value, kid: latest } : value;
}

function isState(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** `DELETE /tokens/{id}` as `DELETE /tokens/abc`. */
function expressionOf(call: string): RegExp {
  return new RegExp(`^${call.replaceAll(/\{\w+\}/g, '\\S+')}$`);
}

test('a push has its event or is refused', async () => {
  const push = (tag: string, content: string) => send('PUT', `/v2/team/push/manifests/${tag}`, { content });
  for (const content of [config, layer])
    await send('POST', `/v2/team/push/blobs/uploads/?digest=${sha256(content)}`, { content });
  const before = await lastId();
  expect((await push('1.0', manifest)).status).toBe(201);
  const digest = sha256(manifest);
  const [event, ...more] = await eventsAfter(before);
  expect(more).toEqual([]);
  expect(event).toMatchObject({
    actor: 'admin',
    address,
    credential: token.id,
    action: 'registry.push',
    outcome: 'done',
    repository: 'team/push',
    target: '1.0',
    reason: null,
    after: { digest },
  });
  expect(event).not.toHaveProperty('before');

  await registry.api('PATCH', '/repositories/team/push', { immutableTags: ['1.*'] });
  const changed = await lastId();
  const other = imageManifest(config, [layer], { annotations: { a: 'b' } });
  expect((await push('1.0', other)).status).toBe(403);
  expect((await push(`${sha256(other)}?tag=new&tag=1.0`, other)).status).toBe(403);
  expect((await push('2.0', imageManifest(config, ['not here']))).status).toBe(400);
  expect((await push('2.0', '{}')).status).toBe(400);
  const denied = await until('the denials', async () => {
    const events = await eventsAfter(changed);
    return events.length >= 2 ? events : undefined;
  });
  expect(denied.map(({ action, outcome, target }) => [action, outcome, target])).toEqual([
    ['registry.push', 'denied', '1.0'],
    ['registry.push', 'denied', sha256(other)],
  ]);
});

test('pushes are found by repository, account and action, and who pushed a tag is told as before', async () => {
  const query = 'repository=team/push&subject=admin&action=registry.push';
  const { body } = await registry.api('GET', `/audit?${query}&outcome=done`);
  expect(body.items).toMatchObject([{ target: '1.0', after: { digest: sha256(manifest) } }]);
  const tags = await registry.api('GET', '/repositories/team/push/-/tags');
  expect(tags.body.items).toMatchObject([{ name: '1.0', pushedBy: 'admin', digest: sha256(manifest) }]);
});

async function deniedIn({ reader }: Database<Tables>): Promise<number> {
  const rows = await reader
    .selectFrom('audit')
    .select('id')
    .where('action', '=', 'token.delete')
    .where('outcome', '=', 'denied')
    .execute();
  return rows.length;
}

test('nothing that is secret is in the audit, whatever went wrong with it', async () => {
  const wrong = [
    { user: 'admin', password: 'a wrong password' },
    { user: token.secret, password: 'typed into the other field' },
    { user: 'a wrong password', password: 'x' },
  ];
  for (const each of wrong) {
    secrets.add(each.password === 'x' ? each.user : each.password);
    await fetch(`${registry.url}/api/v1/me`, { headers: { authorization: basic(each) } });
  }
  const narrow = await registry.api('POST', '/tokens', {
    name: `pasted ${token.secret}`,
    scopes: [{ repository: 'team/app', actions: ['pull'] }],
  });
  const query = new URLSearchParams({
    service: 'berth',
    offline_token: 'true',
    scope: 'repository:team/app:pull',
  });
  const issued = await fetch(`${registry.url}/auth/token?${query}`, {
    headers: { authorization: basic({ user: 'admin', password }) },
  });
  noteSecrets(narrow.body, await issued.json());
  const denied = basic({ user: 'admin', password: (narrow.body as { secret: string }).secret });
  await fetch(`${registry.url}/api/v1/tokens/${token.secret}`, {
    method: 'DELETE',
    headers: { authorization: denied, 'content-type': 'application/json' },
  });
  await until('the last of it', async () => ((await deniedIn(database)) > 0 ? true : undefined));
  const { reader } = database;
  for (const { secret_hash } of await reader.selectFrom('credential').select('secret_hash').execute())
    secrets.add(secret_hash);
  for (const { password_hash } of await reader.selectFrom('subject').select('password_hash').execute())
    if (password_hash !== null) secrets.add(password_hash);
  const keys = await reader.selectFrom('signing_key').selectAll().execute();
  for (const { private_jwk } of keys) secrets.add((JSON.parse(private_jwk) as { d: string }).d);

  const rows = JSON.stringify(await reader.selectFrom('audit').selectAll().execute());
  // The id of a key is random: it may have any few characters in it.
  const all = keys.reduce((text, { kid }) => text.replaceAll(kid, 'the id of a key'), rows);
  expect(all).toContain('the id of a key');
  expect(all).toContain('"failed"');
  expect(all).toContain('"denied"');
  expect(all).toContain('pasted ***');
  expect(secrets.size).toBeGreaterThan(15);
  secrets.delete('x');
  for (const secret of secrets) expect(all).not.toContain(secret);
  for (const pattern of [/brt_/, /brr_/, /argon2/, /\$2y/, /eyJ/]) expect(all).not.toMatch(pattern);
});
