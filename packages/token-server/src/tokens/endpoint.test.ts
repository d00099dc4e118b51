import { X509Certificate } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { Account } from '@berth/protocol';
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
} from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, openBench, password, type Bench } from '../testing/bench.ts';

let bench: Bench;
const narrowedUntil = Date.now() + 3_600_000;
let secrets: { personal: string; narrowed: string; expired: string; robot: string; refresh: string };

beforeAll(async () => {
  const otherServices = [
    { name: 'elsewhere', keys: 'jwks' },
    { name: 'certified', keys: 'rootcertbundle' },
  ] as const;
  bench = await openBench({ otherServices, expiration: 90 });
  const alice = await bench.addUser('alice');
  const bob = await bench.addUser('bob');
  await bench.addUser('root', { admin: true });
  const robot = await bench.addRobot('ci');
  const core = await bench.addTeam('core', alice);
  await fill(core, robot);
  bench.repositories.set('open/app', 'public').set('house/app', 'internal').set('team/app', 'private');
  const { secret: personal } = await bench.addToken(alice);
  const scopes = [{ repository: 'team/**', actions: ['pull' as const] }];
  const { secret: narrowed } = await bench.addToken(alice, { scopes, expiresAt: narrowedUntil });
  const { secret: expired } = await bench.addToken(bob, { expiresAt: Date.now() - 1 });
  const { secret: robotSecret } = await bench.addToken(robot);
  const { refresh_token: refresh } = await get({ offline_token: 'true' }, basic('alice')).then(
    ({ body }) => body,
  );
  secrets = { personal, narrowed, expired, robot: robotSecret, refresh: String(refresh) };
});

afterAll(() => bench.close());

async function fill(core: string, robot: Account): Promise<void> {
  await bench.addGrant({
    kind: 'team',
    subject: core,
    pattern: 'team/**',
    actions: ['pull', 'push', 'create'],
  });
  await bench.addGrant({
    kind: 'robot',
    subject: robot.id,
    pattern: 'team/app',
    actions: ['pull', 'push'],
    tags: 'v*',
  });
  await bench.addGrant({ effect: 'deny', kind: 'authenticated', pattern: 'team/secret', actions: ['push'] });
  await bench.addGrant({
    effect: 'deny',
    kind: 'authenticated',
    pattern: 'team/tags',
    actions: ['push'],
    tags: 'v*',
  });
}

type Parameters = Record<string, string | readonly string[]>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

function encode(parameters: Parameters): URLSearchParams {
  return new URLSearchParams(
    Object.entries(parameters).flatMap(([key, values]) =>
      [values].flat().map((value) => [key, value] as [string, string]),
    ),
  );
}

async function get(query: Parameters, authorization?: string): Promise<Answer> {
  return send(`?${encode(query)}`, { headers: authorization === undefined ? {} : { authorization } });
}

async function post(form: Parameters, headers: Record<string, string> = {}): Promise<Answer> {
  return send('', { method: 'POST', body: encode(form), headers });
}

async function send(query: string, options: RequestInit): Promise<Answer> {
  const response = await fetch(`${bench.origin}/auth/token${query}`, options);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

/** What fetch cannot send: the same header twice, a body in chunks. */
function sendRaw(options: { method: string; headers: string[]; body?: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, headers } = options;
    const call = httpRequest(`${bench.origin}/auth/token`, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: new Headers(), body: JSON.parse(text) }),
      );
    }).on('error', reject);
    for (const piece of options.body?.match(/.{1,7}/g) ?? []) call.write(piece);
    call.end();
  });
}

function claims({ body }: Answer): JWTPayload {
  return decodeJwt(String(body.token));
}

function access(answer: Answer): Record<string, string[]> {
  const items = claims(answer)['access'] as { type: string; name: string; actions: string[] }[];
  return Object.fromEntries(items.map(({ type, name, actions }) => [`${type}:${name}`, actions]));
}

interface Row {
  readonly what: string;
  /** Numbers of the interoperability rules. */
  readonly rules?: number[];
  readonly ask: () => Promise<Answer>;
  /** 200 unless given. */
  readonly status?: number;
  readonly check?: (answer: Answer) => void;
}

const nothing = (answer: Answer) => expect(access(answer)).toEqual({});
const anonymous = (answer: Answer) => expect(claims(answer).sub).toBe('');
const isAlice = (answer: Answer) => expect(claims(answer).sub).toBe('alice');
const gives = (expected: Record<string, string[]>) => (answer: Answer) =>
  expect(access(answer)).toEqual(expected);
const grant = { grant_type: 'password', username: 'alice', password };

const rows: Row[] = [
  {
    what: 'a login asks for nothing',
    rules: [31, 24],
    ask: () => get({ service: 'berth', account: 'alice' }, basic('alice')),
    check: nothing,
  },
  {
    what: 'both names of the token, whole seconds, a time with zone; no refresh token unasked; nothing is kept',
    rules: [19, 21, 22, 40, 52],
    ask: () => get({ scope: 'repository:team/app:pull' }, basic('alice')),
    check: ({ body, headers }) => {
      expect(body.token).toBe(body.access_token);
      expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'issued_at', 'token']);
      expect(body.expires_in).toBe(90);
      expect(body.issued_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-type')).toBe('application/json');
    },
  },
  {
    what: 'claims and header as verifiers want them',
    rules: [36, 37, 38, 39],
    ask: () => get({ scope: 'repository:team/app:pull' }, basic('alice')),
    check: ({ body }) => {
      const payload = decodeJwt(String(body.token));
      expect(payload).toMatchObject({ iss: 'berth', sub: 'alice', aud: 'berth', berth: { epoch: 0 } });
      expect((payload.iat ?? 0) - (payload.nbf ?? 0)).toBe(10);
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(90);
      expect(decodeProtectedHeader(String(body.token))).toEqual({
        alg: 'ES256',
        typ: 'JWT',
        kid: expect.any(String),
      });
    },
  },
  {
    what: 'less than was asked for',
    rules: [15],
    ask: () => get({ scope: 'repository:team/app:pull,push,delete' }, basic('alice')),
    check: gives({ 'repository:team/app': ['pull', 'push'] }),
  },
  {
    what: 'nothing of what is hidden or missing',
    rules: [15, 43],
    ask: () => get({ scope: ['repository:team/app:pull', 'repository:no/such:pull'] }, basic('bob')),
    check: nothing,
  },
  {
    what: 'own namespace, also before it exists',
    ask: () => get({ scope: 'repository:bob/new:pull,push' }, basic('bob')),
    check: gives({ 'repository:bob/new': ['pull', 'push'] }),
  },
  {
    what: 'a deny beats an allow',
    ask: () => get({ scope: 'repository:team/secret:pull,push' }, basic('alice')),
    check: gives({ 'repository:team/secret': ['pull'] }),
  },
  {
    what: 'a deny of some tags leaves push',
    ask: () => get({ scope: 'repository:team/tags:push' }, basic('alice')),
    check: gives({ 'repository:team/tags': ['push'] }),
  },
  {
    what: 'an allow for some tags gives push',
    ask: () => get({ scope: 'repository:team/app:push' }, basic('x', secrets.robot)),
    check: gives({ 'repository:team/app': ['push'] }),
  },
  {
    what: 'scopes repeated, joined by spaces, with empty ones',
    rules: [25],
    ask: () =>
      get(
        { scope: ['repository:team/a:pull  repository:team/b:pull ', '', 'repository:team/c:pull'] },
        basic('alice'),
      ),
    check: gives({
      'repository:team/a': ['pull'],
      'repository:team/b': ['pull'],
      'repository:team/c': ['pull'],
    }),
  },
  {
    what: 'duplicates become one',
    rules: [26],
    ask: () => get({ scope: ['repository:team/a:pull', 'repository:team/a:pull,push'] }, basic('alice')),
    check: gives({ 'repository:team/a': ['pull', 'push'] }),
  },
  {
    what: 'a name with a port is no repository here',
    rules: [27],
    ask: () => get({ scope: 'repository:host:5000/a:pull' }, basic('root')),
    check: nothing,
  },
  {
    what: 'the class of a plugin',
    rules: [28],
    ask: () => get({ scope: 'repository(plugin):team/a:pull' }, basic('alice')),
    check: gives({ 'repository:team/a': ['pull'] }),
  },
  {
    what: '* is all that is allowed',
    rules: [29],
    ask: () => get({ scope: 'repository:team/a:*' }, basic('alice')),
    check: gives({ 'repository:team/a': ['pull', 'push'] }),
  },
  {
    what: '* for an administrator, and never admin',
    rules: [29],
    ask: () => get({ scope: 'repository:team/a:*,admin,create' }, basic('root')),
    check: gives({ 'repository:team/a': ['pull', 'push', 'delete'] }),
  },
  {
    what: 'the catalog, which is filtered',
    rules: [29],
    ask: () => get({ scope: 'registry:catalog:*' }, basic('bob')),
    check: gives({ 'registry:catalog': ['*'] }),
  },
  {
    what: 'the catalog of another registry is not',
    ask: () => get({ scope: 'registry:catalog:*', service: 'elsewhere' }, basic('bob')),
    check: nothing,
  },
  {
    what: 'the catalog of another registry for an administrator',
    ask: () => get({ scope: 'registry:catalog:*', service: 'elsewhere' }, basic('root')),
    check: gives({ 'registry:catalog': ['*'] }),
  },
  {
    what: 'unknown types, words and names',
    rules: [30],
    ask: () =>
      get(
        {
          scope: [
            'thing:a:pull',
            'repository:team/a:PULL,fly',
            'registry:*:*',
            'repository:*:pull',
            'repository:team/**:pull',
            'repository:Team/a:pull',
            'nonsense',
            'repository::',
          ],
        },
        basic('root'),
      ),
    check: nothing,
  },
  {
    what: 'Basic Og==, as podman sends it',
    rules: [32],
    ask: () => get({ scope: 'repository:open/app:pull' }, 'Basic Og=='),
    check: (a) => (anonymous(a), gives({ 'repository:open/app': ['pull'] })(a)),
  },
  {
    what: 'a name with an empty password',
    rules: [32],
    ask: () => get({}, basic('alice', '')),
    check: anonymous,
  },
  {
    what: 'no credentials',
    rules: [33],
    ask: () => get({ scope: 'repository:open/app:pull,push repository:house/app:pull' }),
    check: (a) => (anonymous(a), gives({ 'repository:open/app': ['pull'] })(a)),
  },
  {
    what: 'internal for any account',
    ask: () => get({ scope: 'repository:house/app:pull' }, basic('bob')),
    check: gives({ 'repository:house/app': ['pull'] }),
  },
  {
    what: 'a personal access token under any name',
    rules: [34],
    ask: () => get({ account: 'root' }, basic('whoever', secrets.personal)),
    check: isAlice,
  },
  {
    what: 'a narrowed one gives what both may, and tells when it ends',
    ask: () =>
      get(
        { scope: 'repository:team/app:pull,push repository:alice/x:pull' },
        basic('alice', secrets.narrowed),
      ),
    check: (answer) => {
      gives({ 'repository:team/app': ['pull'] })(answer);
      const { cid, until } = claims(answer)['berth'] as { cid: string; until: number };
      expect(cid).toMatch(/.+/);
      expect(until).toBe(Math.floor(narrowedUntil / 1000));
    },
  },
  {
    what: 'one that ends, where it gives nothing: the login ends with it all the same',
    ask: () => get({}, basic('alice', secrets.narrowed)),
    check: (answer) =>
      expect(claims(answer)['berth']).toMatchObject({ until: Math.floor(narrowedUntil / 1000) }),
  },
  { what: 'one that has ended', rules: [16], ask: () => get({}, basic('bob', secrets.expired)), status: 401 },
  {
    what: 'one mints no refresh token',
    rules: [19],
    ask: () => get({ offline_token: 'true' }, basic('alice', secrets.personal)),
    check: ({ body }) => expect(body).not.toHaveProperty('refresh_token'),
  },
  {
    what: 'offline_token=false asks for no refresh token',
    rules: [19],
    ask: () => get({ offline_token: 'false' }, basic('alice')),
    check: ({ body }) => expect(body).not.toHaveProperty('refresh_token'),
  },
  {
    what: 'anonymous gets no refresh token',
    rules: [19],
    ask: () => get({ offline_token: 'true' }),
    check: ({ body }) => expect(body).not.toHaveProperty('refresh_token'),
  },
  {
    what: 'account is never trusted',
    rules: [34],
    ask: () => get({ account: 'root', scope: 'repository:other/x:pull' }, basic('bob')),
    check: (a) => (expect(claims(a).sub).toBe('bob'), nothing(a)),
  },
  {
    what: 'an empty service is our own',
    rules: [35],
    ask: () => get({ service: '' }, basic('alice')),
    check: (a) => expect(claims(a).aud).toBe('berth'),
  },
  {
    what: 'another registered service',
    rules: [35, 36],
    ask: () => get({ service: 'elsewhere' }, basic('alice')),
    check: (a) => expect(claims(a).aud).toBe('elsewhere'),
  },
  {
    what: 'an unknown service is not signed',
    rules: [35],
    ask: () => get({ service: 'evil' }, basic('alice')),
    status: 400,
  },
  {
    what: 'two services',
    rules: [35],
    ask: () => get({ service: ['berth', 'elsewhere'] }, basic('alice')),
    status: 400,
  },
  {
    what: 'a wrong password, in the one shape of errors',
    rules: [16, 41],
    ask: () => get({}, basic('alice', 'wrong password')),
    status: 401,
    check: ({ body, headers }) => {
      expect(body).toEqual({ errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }] });
      expect(headers.get('www-authenticate')).toBe('Basic realm="Berth"');
      expect(headers.get('cache-control')).toBe('no-store');
    },
  },
  {
    what: 'an unknown user, with the same answer',
    rules: [16],
    ask: () => get({}, basic('nobody', 'wrong password')),
    status: 401,
    check: ({ body }) =>
      expect(body).toEqual({ errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }] }),
  },
  { what: 'a Basic that is none', rules: [16], ask: () => get({}, 'Basic !!!'), status: 401 },
  { what: 'a Basic without a colon', rules: [16], ask: () => get({}, `Basic ${btoa('alice')}`), status: 401 },
  {
    what: 'an access token is no proof',
    ask: async () => get({}, `Bearer ${String((await get({}, basic('alice'))).body.token)}`),
    status: 401,
  },
  {
    what: 'a form with a password',
    rules: [17, 23],
    ask: () =>
      post({
        ...grant,
        service: 'berth',
        client_id: 'x',
        scope: 'repository:team/app:push,pull repository:no/no:pull',
      }),
    check: (a) => (
      isAlice(a),
      expect(a.body.scope).toBe('repository:team/app:push,pull'),
      expect(a.body.expires_in).toBe(90)
    ),
  },
  {
    what: 'a form with repeated scopes',
    rules: [25],
    ask: () => post({ ...grant, scope: ['repository:team/a:pull', 'repository:team/b:pull'] }),
    check: gives({ 'repository:team/a': ['pull'], 'repository:team/b': ['pull'] }),
  },
  {
    what: 'a form with a wrong password',
    rules: [16],
    ask: () => post({ ...grant, password: 'wrong password' }),
    status: 401,
  },
  {
    what: 'a form without a password',
    rules: [32],
    ask: () => post({ grant_type: 'password', username: 'alice' }),
    check: anonymous,
  },
  {
    what: 'a form asks for a refresh token',
    rules: [18],
    ask: () => post({ ...grant, access_type: 'offline' }),
    check: ({ body }) => expect(body.refresh_token).toMatch(/^brr_[0-9A-Za-z]{43}$/),
  },
  {
    what: 'a refresh token',
    rules: [18, 23],
    ask: () =>
      post({
        grant_type: 'refresh_token',
        refresh_token: secrets.refresh,
        service: 'berth',
        scope: 'repository:team/app:pull',
      }),
    check: (a) => (
      isAlice(a),
      gives({ 'repository:team/app': ['pull'] })(a),
      expect(a.body).not.toHaveProperty('refresh_token')
    ),
  },
  {
    what: 'a refresh token again, which stays the same',
    rules: [20],
    ask: () => post({ grant_type: 'refresh_token', refresh_token: secrets.refresh, access_type: 'offline' }),
    check: ({ body }) => expect(body.refresh_token).toBe(secrets.refresh),
  },
  {
    what: 'a refresh token at another service',
    rules: [18],
    ask: () => post({ grant_type: 'refresh_token', refresh_token: secrets.refresh, service: 'elsewhere' }),
    status: 401,
  },
  { what: 'a refresh token as a password', ask: () => get({}, basic('alice', secrets.refresh)), status: 401 },
  {
    what: 'a personal access token as a refresh token',
    ask: () => post({ grant_type: 'refresh_token', refresh_token: secrets.personal }),
    status: 401,
  },
  {
    what: 'an access token as a refresh token',
    ask: async () =>
      post({
        grant_type: 'refresh_token',
        refresh_token: String((await get({}, basic('alice'))).body.token),
      }),
    status: 401,
  },
  {
    what: 'a form in chunks, without a length',
    rules: [53],
    ask: () =>
      sendRaw({
        method: 'POST',
        headers: [
          'host',
          'localhost',
          'content-type',
          'application/x-www-form-urlencoded',
          'transfer-encoding',
          'chunked',
        ],
        body: `${encode({ grant_type: 'refresh_token', refresh_token: secrets.refresh, scope: 'repository:team/app:pull' })}`,
      }),
    check: gives({ 'repository:team/app': ['pull'] }),
  },
  {
    what: 'two Authorization headers',
    ask: () =>
      sendRaw({
        method: 'GET',
        headers: ['host', 'localhost', 'authorization', basic('alice'), 'authorization', basic('root')],
      }),
    status: 400,
  },
  { what: 'Basic and a form', ask: () => post(grant, { authorization: basic('root') }), status: 400 },
  {
    what: 'another grant type',
    ask: () => post({ grant_type: 'authorization_code', code: 'x' }),
    status: 400,
  },
  { what: 'a form that is too large', ask: () => post({ ...grant, scope: 'x'.repeat(70_000) }), status: 413 },
  {
    what: 'HEAD',
    ask: () => send('', { method: 'HEAD' }),
    status: 405,
    check: ({ headers }) => expect(headers.get('allow')).toBe('GET, POST'),
  },
  {
    what: 'PUT',
    ask: () => send('', { method: 'PUT' }),
    status: 405,
    check: ({ headers }) => expect(headers.get('allow')).toBe('GET, POST'),
  },
  {
    what: 'a thousand scopes make a token that still fits into a header',
    rules: [40],
    ask: () =>
      post({
        ...grant,
        scope: Array.from({ length: 1000 }, (_, at) => `repository:alice/${at}:pull`).join(' '),
      }),
    check: (answer) => {
      expect(Object.keys(access(answer))).toHaveLength(50);
      expect(String(answer.body.token).length).toBeLessThan(7 * 1024);
    },
  },
  {
    what: 'so do the longest names',
    rules: [40],
    ask: () =>
      post({
        ...grant,
        scope: Array.from({ length: 50 }, (_, at) => `repository:alice/${'x'.repeat(240)}${at}:*`).join(' '),
      }),
    check: (answer) => {
      expect(Object.keys(access(answer)).length).toBeGreaterThan(10);
      expect(String(answer.body.token).length).toBeLessThan(7 * 1024);
    },
  },
];

describe('/auth/token', () => {
  for (const { what, rules = [], ask, status = 200, check } of rows) {
    test(rules.length === 0 ? what : `${what} (rule ${rules.join(', ')})`, async () => {
      const answer = await ask();
      expect(answer.status).toBe(status);
      check?.(answer);
    });
  }

  test('writes nothing, and makes no repository', async () => {
    const counts = () =>
      Promise.all(
        (['subject', 'credential', 'access_grant', 'signing_key'] as const).map((table) =>
          bench.database.reader
            .selectFrom(table)
            .select(({ fn }) => fn.countAll().as('n'))
            .executeTakeFirst(),
        ),
      );
    const before = await counts();
    await get({ scope: 'repository:alice/fresh:push,pull' }, basic('alice'));
    await get({ scope: 'repository:alice/fresh:push,pull' });
    expect(await counts()).toEqual(before);
  });
});

test.each([
  ['berth', ['alg', 'kid', 'typ']],
  ['elsewhere', ['alg', 'kid', 'typ']],
  ['certified', ['alg', 'kid', 'typ', 'x5c']],
])('rule 37: the header of a token for %s has %j', async (service, members) => {
  const { token } = (await get({ service }, basic('alice'))).body;
  expect(Object.keys(decodeProtectedHeader(String(token))).toSorted()).toEqual(members);
});

test('rule 37: the certificate in a token has the key that signed it', async () => {
  const { token } = (await get({ service: 'certified' }, basic('alice'))).body;
  const [der = ''] = decodeProtectedHeader(String(token)).x5c ?? [];
  const { publicKey } = new X509Certificate(Buffer.from(der, 'base64'));
  const { payload } = await jwtVerify(String(token), publicKey, { audience: 'certified' });
  expect(payload.sub).toBe('alice');
});

test('the published keys verify a token, and hold nothing private', async () => {
  const response = await fetch(`${bench.origin}/.well-known/jwks.json`);
  const jwks = (await response.json()) as JSONWebKeySet;
  expect(response.headers.get('cache-control')).toBe('public, max-age=5');
  expect(jwks.keys).toEqual([
    {
      kty: 'EC',
      crv: 'P-256',
      alg: 'ES256',
      use: 'sig',
      kid: expect.any(String),
      x: expect.any(String),
      y: expect.any(String),
    },
  ]);
  const token = await bench.token(basic('alice'));
  const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), { audience: 'berth', issuer: 'berth' });
  expect(payload.sub).toBe('alice');
});
