import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { repositoryScope, signingAlgorithms, type Access, type AccessControl } from '@berth/protocol';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeIdentity, type Identity } from '../testing/certificates.ts';
import {
  claims,
  es256,
  issuer,
  jwt,
  now,
  rs256,
  service,
  type Part,
} from '../testing/foreign-token-server.ts';
import { foreignTokenAccess, type ForeignTokenOptions } from './access-control.ts';
import { keyIds, libtrustId } from './key-ids.ts';

const realm = 'https://tokens.example.com/auth';
const base = { realm, service, issuer, algorithms: signingAlgorithms };
const published = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const jwk = (key: KeyObject, more: object) => ({ ...key.export({ format: 'jwk' }), ...more });
const jwks = JSON.stringify({
  keys: [
    jwk(published.publicKey, { kid: 'one', alg: 'ES256', use: 'sig' }),
    jwk(rsa.publicKey, { kid: 'rsa' }),
    jwk(rsa.publicKey, { kid: 'for RS512', alg: 'RS512' }),
    jwk(rsa.publicKey, { kid: 'to encrypt', use: 'enc' }),
    { kty: 'oct', kid: 'secret', k: Buffer.from('a shared secret').toString('base64url') },
  ],
});

const needed = [repositoryScope('team/app', 'pull')];

let control: AccessControl;
let root: Identity;
let leaf: Identity;

beforeAll(async () => {
  root = await makeIdentity('root', { ca: true });
  leaf = await makeIdentity('leaf', { by: root });
  control = await accessControl({ jwks, rootCertBundle: root.pem });
});

/** Claims are in whole seconds: between their making and their check none may begin. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() }));
afterEach(() => void vi.useRealTimers());

const accessControl = (options: Partial<ForeignTokenOptions>) => foreignTokenAccess({ ...base, ...options });

function present(token: string | undefined, by = control): Promise<Access> {
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  return by.authenticate({ authorization, origin: 'https://here.example.com', address: '127.0.0.1' }, needed);
}

const signed = (changes: object = {}, header: object = {}) =>
  jwt({ alg: 'ES256', typ: 'JWT', kid: 'one', ...header }, claims(changes), es256(published.privateKey));
const byIdentity = ({ key }: Identity, header: object) =>
  jwt({ alg: 'ES256', typ: 'JWT', ...header }, claims(), es256(key));
const byStranger = (header: object) =>
  jwt({ alg: 'ES256', typ: 'JWT', kid: 'one', ...header }, claims(), es256(stranger.privateKey));
const hmac = (secret: string | Buffer, header: object = {}) =>
  jwt({ alg: 'HS256', typ: 'JWT', kid: 'one', ...header }, claims(), (text) =>
    createHmac('sha256', secret).update(text).digest(),
  );
const unsigned = (alg: string) => jwt({ alg, kid: 'one' }, claims(), () => Buffer.alloc(0));
const written = (header: Part, payload: Part) => jwt(header, payload, es256(published.privateKey));

const good: [string, () => string][] = [
  ['as it is', () => signed()],
  ['without typ', () => signed({}, { typ: undefined })],
  ['without nbf', () => signed({ nbf: undefined })],
  ['expired 59 s ago', () => signed({ exp: now() - 59 })],
  ['good in 60 s', () => signed({ nbf: now() + 60 })],
  ['several audiences', () => signed({ aud: ['other', service] })],
  ['no access at all', () => signed({ access: undefined })],
  ['access that is null', () => signed({ access: null })],
  ['by an RSA key', () => jwt({ alg: 'RS256', kid: 'rsa' }, claims(), rs256(rsa.privateKey))],
  ['with a chain of one', () => byIdentity(leaf, { x5c: [leaf.x5c] })],
  ['with the root in its chain', () => byIdentity(leaf, { x5c: [leaf.x5c, root.x5c] })],
  ['by the certificate of the bundle itself', () => byIdentity(root, { x5c: [root.x5c] })],
  ['by the libtrust id', () => byIdentity(root, { kid: libtrustId(createPublicKey(root.key)) })],
];

describe('a token that is good', () => {
  test.each(good)('%s', async (_what, token) => {
    const access = await present(token());
    expect(access.account).toEqual({ id: 'alice', name: 'alice', kind: 'user' });
  });

  test('by the RFC 7638 thumbprint of a key of the bundle', async () => {
    for (const kid of await keyIds(createPublicKey(root.key))) await present(byIdentity(root, { kid }));
  });

  test('through an authority in between', async () => {
    const between = await makeIdentity('between', { by: root, ca: true });
    const last = await makeIdentity('last', { by: between });
    await present(byIdentity(last, { x5c: [last.x5c, between.x5c] }));
    await expect(present(byIdentity(last, { x5c: [last.x5c] }))).rejects.toMatchObject({ status: 401 });
  });
});

const forgeries: [string, () => string][] = [
  ['no token', () => 'x'],
  ['alg none', () => unsigned('none')],
  ['alg NONE', () => unsigned('NONE')],
  ['no signature', () => unsigned('ES256')],
  [
    'HS256 with the public key in PEM',
    () => hmac(published.publicKey.export({ type: 'spki', format: 'pem' })),
  ],
  [
    'HS256 with the public key in DER',
    () => hmac(published.publicKey.export({ type: 'spki', format: 'der' })),
  ],
  ['HS256 with the secret of the file', () => hmac('a shared secret', { kid: 'secret' })],
  ['HS256 with the certificate', () => hmac(root.pem, { kid: undefined, x5c: [root.x5c] })],
  ['another key', () => byStranger({})],
  ['an embedded jwk', () => byStranger({ jwk: stranger.publicKey.export({ format: 'jwk' }) })],
  [
    'an embedded jwk without kid',
    () => byStranger({ kid: undefined, jwk: stranger.publicKey.export({ format: 'jwk' }) }),
  ],
  ['the right key embedded', () => signed({}, { jwk: published.publicKey.export({ format: 'jwk' }) })],
  ['jku', () => signed({}, { jku: 'https://tokens.example.com/jwks.json' })],
  ['x5u', () => signed({}, { x5u: 'https://tokens.example.com/x.pem' })],
  ['an x5c beside a good kid', () => byStranger({ x5c: [leaf.x5c] })],
  ['an x5c that is text', () => byIdentity(leaf, { x5c: leaf.x5c })],
  ['an x5c that is empty', () => signed({}, { x5c: [] })],
  ['an x5c that is no certificate', () => signed({}, { x5c: ['bm90aGluZw=='] })],
  ['an x5c of numbers', () => signed({}, { x5c: [1] })],
  ['an x5c longer than any', () => byIdentity(leaf, { x5c: Array.from({ length: 9 }, () => leaf.x5c) })],
  ['no kid', () => signed({}, { kid: undefined })],
  ['an unknown kid', () => signed({}, { kid: 'two' })],
  ['a kid that is a path', () => byStranger({ kid: '../../dev/null' })],
  ['a kid that is a list', () => signed({}, { kid: ['one'] })],
  ['a kid that is __proto__', () => signed({}, { kid: '__proto__' })],
  [
    'the kid of a key for encryption',
    () => jwt({ alg: 'RS256', kid: 'to encrypt' }, claims(), rs256(rsa.privateKey)),
  ],
  ['the kid of a key of another kind', () => signed({}, { kid: 'rsa' })],
  ['an alg other than that of the key', () => signed({}, { alg: 'ES384' })],
  [
    'a good signature by an alg that the key is not for',
    () => jwt({ alg: 'RS256', kid: 'for RS512' }, claims(), rs256(rsa.privateKey)),
  ],
  ['an unknown crit', () => signed({}, { crit: ['x'], x: 1 })],
  ['another issuer', () => signed({ iss: 'other' })],
  ['no issuer', () => signed({ iss: undefined })],
  ['another audience', () => signed({ aud: 'other' })],
  ['a part of the audience', () => signed({ aud: service.slice(0, -1) })],
  ['other audiences', () => signed({ aud: ['other', 'another'] })],
  ['no audience', () => signed({ aud: undefined })],
  ['no exp', () => signed({ exp: undefined })],
  ['exp as text', () => signed({ exp: String(now() + 60) })],
  ['expired 60 s ago', () => signed({ exp: now() - 60 })],
  ['good in 61 s', () => signed({ nbf: now() + 61 })],
  ['a sub that is a number', () => signed({ sub: 1 })],
  ['access that is text', () => signed({ access: 'repository:team/app:pull' })],
  ['actions that are text', () => signed({ access: [{ type: 'repository', name: 'a', actions: 'pull' }] })],
  ['a payload that is no JSON', () => written({ alg: 'ES256', kid: 'one' }, 'claims')],
  ['longer than any header', () => signed({ more: 'x'.repeat(16_384) })],
];

describe('a token that is not good is 401 invalid_token', () => {
  test.each(forgeries)('%s', async (_what, token) => {
    await expect(present(token())).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      headers: {
        'www-authenticate': `Bearer realm="${realm}",service="${service}",scope="repository:team/app:pull",error="invalid_token"`,
      },
    });
  });
});

describe('a chain leads nowhere', () => {
  const refused = (identity: Identity, ...x5c: string[]) =>
    expect(present(byIdentity(identity, { x5c }))).rejects.toMatchObject({ status: 401 });

  test('from another authority of the same name', async () => {
    const impostor = await makeIdentity('root', { ca: true });
    const false1 = await makeIdentity('leaf', { by: impostor });
    await refused(false1, false1.x5c);
    await refused(false1, false1.x5c, impostor.x5c);
    await refused(false1, false1.x5c, root.x5c);
  });

  test('through a certificate that is no authority', async () => {
    const below = await makeIdentity('below', { by: leaf });
    await refused(below, below.x5c, leaf.x5c);
  });

  test('when it has expired, its authority in between, or its root', async () => {
    const expired = await makeIdentity('expired', { by: root, endsIn: -1000 });
    await refused(expired, expired.x5c);
    const between = await makeIdentity('between', { by: root, ca: true, endsIn: -1000 });
    const last = await makeIdentity('last', { by: between });
    await refused(last, last.x5c, between.x5c);
    const old = await makeIdentity('old', { ca: true, endsIn: -1000 });
    const ofOld = await makeIdentity('of old', { by: old });
    const trusting = await accessControl({ rootCertBundle: old.pem });
    await expect(present(byIdentity(ofOld, { x5c: [ofOld.x5c] }), trusting)).rejects.toMatchObject({
      status: 401,
    });
  });

  test('where only a JWKS is trusted', async () => {
    const trusting = await accessControl({ jwks });
    await expect(present(byIdentity(leaf, { x5c: [leaf.x5c] }), trusting)).rejects.toMatchObject({
      status: 401,
    });
  });

  test('a token that was good ends with its certificate', async () => {
    const short = await makeIdentity('short', { by: root, endsIn: 60_000 });
    const token = byIdentity(short, { x5c: [short.x5c] });
    await present(token);
    const end = short.certificate.validToDate.getTime();
    vi.setSystemTime(end - 1);
    await present(token);
    vi.setSystemTime(end);
    await expect(present(token)).rejects.toMatchObject({ status: 401 });
  });
});

test('algorithms are those of the configuration', async () => {
  const only = await accessControl({ jwks, algorithms: ['RS256'] });
  await expect(present(signed(), only)).rejects.toMatchObject({ status: 401 });
  await present(jwt({ alg: 'RS256', kid: 'rsa' }, claims(), rs256(rsa.privateKey)), only);
});

test.each([
  ['no certificate', { rootCertBundle: 'nothing' }, 'the bundle holds no certificate in PEM'],
  [
    'a broken certificate',
    { rootCertBundle: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
    'certificate 1 of the bundle cannot be read',
  ],
  ['no JWKS', { jwks: '[]' }, 'the JWKS is not {"keys": […]}'],
  [
    'secrets only',
    { jwks: '{"keys":[{"kty":"oct","k":"AA"}]}' },
    'the JWKS holds no public key for signatures',
  ],
  ['a broken key', { jwks: '{"keys":[{"kty":"EC","kid":"x"}]}' }, 'key x of the JWKS cannot be read'],
])('%s is no source of keys', async (_what, sources, message) => {
  await expect(accessControl(sources)).rejects.toThrow(new TypeError(message));
});

describe('the challenge', () => {
  const scope = 'scope="repository:team/app:pull"';
  const challenge = (value: string) => ({ status: 401, headers: { 'www-authenticate': value } });

  test('without a token has no error', async () => {
    await expect(present(undefined)).rejects.toMatchObject(
      challenge(`Bearer realm="${realm}",service="${service}",${scope}`),
    );
  });

  test('for Basic as well, since passwords are not for the registry', async () => {
    const credentials = { authorization: 'Basic YTpi', origin: 'https://here', address: '::1' };
    await expect(control.authenticate(credentials, needed)).rejects.toMatchObject(
      challenge(`Bearer realm="${realm}",service="${service}",${scope}`),
    );
  });

  test('names the address under which the registry was reached, where it is told to', async () => {
    const redirecting = await accessControl({ jwks, realm: { path: '/auth/token' } });
    await expect(present(undefined, redirecting)).rejects.toMatchObject(
      challenge(`Bearer realm="https://here.example.com/auth/token",service="${service}",${scope}`),
    );
  });

  test('tells a good token that gives too little which scope is missing', async () => {
    const access = await present(signed());
    expect(access.challenge([repositoryScope('team/app', 'push')])).toMatchObject(
      challenge(
        `Bearer realm="${realm}",service="${service}",scope="repository:team/app:push",error="insufficient_scope"`,
      ),
    );
  });
});

test.each([[''], [null], [undefined]])('the sub %j is nobody', async (sub) => {
  expect((await present(signed({ sub }))).account).toBeNull();
});

test('actions that are null give nothing', async () => {
  const access = await present(signed({ access: [{ type: 'repository', name: 'team/app', actions: null }] }));
  expect(access.readable().allow).toEqual([]);
});
