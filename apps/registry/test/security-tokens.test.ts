import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { es256, hs256, jwt, payloadOf, signingKeyOf, type Part, type SigningKey } from './support/forgery.ts';
import { startRegistry, type Registry } from './support/registry.ts';

/** Forged access tokens: by the numbers of `docs/interoperability.md`. */
let registry: Registry;
let key: SigningKey;
let genuine: string;
let claims: Record<string, unknown>;
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const now = () => Math.floor(Date.now() / 1000);

beforeAll(async () => {
  registry = await startRegistry();
  key = await signingKeyOf(registry.folder);
  genuine = await registry.token(['registry:catalog:*']);
  claims = payloadOf(genuine);
});

afterAll(() => registry.remove());

const show = (token: string) =>
  fetch(`${registry.url}/v2/`, { headers: { authorization: `Bearer ${token}` } });

/** Signed by the key that the registry trusts. */
const signed = (payload: Part, header: Part = {}) =>
  jwt({ alg: 'ES256', typ: 'JWT', kid: key.kid, ...(header as object) }, payload, es256(key.privateKey));

const bySomebodyElse = (header: object) =>
  jwt({ alg: 'ES256', typ: 'JWT', kid: key.kid, ...header }, claims, es256(stranger.privateKey));

const text = (form: 'pem' | 'der') => key.publicKey.export({ type: 'spki', format: form as 'pem' });
const hmac = (secret: string | Buffer) =>
  jwt({ alg: 'HS256', typ: 'JWT', kid: key.kid }, claims, hs256(secret));
const unsigned = (alg: string | undefined) =>
  jwt({ ...(alg === undefined ? {} : { alg }), typ: 'JWT', kid: key.kid }, claims, () => Buffer.alloc(0));
const withSignature = (bytes: Buffer) => jwt({ alg: 'ES256', typ: 'JWT', kid: key.kid }, claims, () => bytes);
const rawHeader = (header: string) => jwt(header, claims, es256(key.privateKey));
const p384 = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;

test('what is signed as the registry signs is good, so that what follows can fail', async () => {
  expect((await show(genuine)).status).toBe(200);
  expect((await show(signed(claims))).status).toBe(200);
  expect((await show(signed({ ...claims, exp: now() - 30 }))).status).toBe(200);
  expect((await show(signed({ ...claims, nbf: now() + 30 }))).status).toBe(200);
});

const forgeries: [string, () => string][] = [
  ['1: HS256 with the public key in PEM', () => hmac(text('pem') as string)],
  ['1: HS256 with the public key in DER', () => hmac(text('der') as unknown as Buffer)],
  [
    '1: HS256 with the public key as JWK',
    () => hmac(JSON.stringify(key.publicKey.export({ format: 'jwk' }))),
  ],
  ['1: HS256 with the kid', () => hmac(key.kid)],
  ['2: alg none', () => unsigned('none')],
  ['2: alg None', () => unsigned('None')],
  ['2: alg NONE', () => unsigned('NONE')],
  ['2: no alg', () => unsigned(undefined)],
  ['2: no signature', () => unsigned('ES256')],
  ['3: another key', () => bySomebodyElse({})],
  ['3: an embedded jwk', () => bySomebodyElse({ jwk: stranger.publicKey.export({ format: 'jwk' }) })],
  ['3: an embedded x5c', () => bySomebodyElse({ x5c: [Buffer.from('certificate').toString('base64')] })],
  ['4: kid is a path', () => bySomebodyElse({ kid: '../../dev/null' })],
  ['4: kid is SQL', () => bySomebodyElse({ kid: "' OR 1=1--" })],
  ['4: kid is long', () => bySomebodyElse({ kid: 'k'.repeat(8000) })],
  ['4: kid is a number', () => signed(claims, { kid: 1 })],
  ['4: kid is a list', () => rawHeader(`{"alg":"ES256","typ":"JWT","kid":["${key.kid}"]}`)],
  ['4: kid is __proto__', () => signed(claims, { kid: '__proto__' })],
  ['4: no kid', () => rawHeader('{"alg":"ES256","typ":"JWT"}')],
  [
    '4: two algs',
    () => jwt(`{"alg":"ES256","typ":"JWT","kid":"${key.kid}","alg":"none"}`, claims, () => Buffer.alloc(0)),
  ],
  ['5: r = s = 0', () => withSignature(Buffer.alloc(64))],
  [
    '5: r = s = n',
    () =>
      withSignature(
        Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'.repeat(2), 'hex'),
      ),
  ],
  [
    '5: a signature in DER',
    () => withSignature(Buffer.concat([Buffer.from('3044', 'hex'), Buffer.alloc(68)])),
  ],
  ['5: a key on P-384', () => jwt({ alg: 'ES256', typ: 'JWT', kid: key.kid }, claims, es256(p384()))],
  ['5: alg ES384', () => signed(claims, { alg: 'ES384' })],
  ['6: an unknown crit', () => signed(claims, { crit: ['x'], x: 1 })],
  ['6: b64 is false', () => signed(claims, { crit: ['b64'], b64: false })],
  ['6: five parts, as a JWE', () => `${genuine}.a.b`],
  ['6: two parts', () => genuine.split('.').slice(0, 2).join('.')],
  ['6: ten thousand dots', () => '.'.repeat(10_000)],
  ['7: another issuer', () => signed({ ...claims, iss: 'other' })],
  ['7: no issuer', () => signed({ ...claims, iss: undefined })],
  ['7: no audience', () => signed({ ...claims, aud: undefined })],
  ['7: an audience in capitals', () => signed({ ...claims, aud: 'BERTH' })],
  ['7: a part of the audience', () => signed({ ...claims, aud: 'bert' })],
  ['7: other audiences', () => signed({ ...claims, aud: ['other', 'berth2'] })],
  ['8: no exp', () => signed({ ...claims, exp: undefined })],
  ['8: exp is null', () => signed({ ...claims, exp: null })],
  ['8: exp is text', () => signed({ ...claims, exp: String(now() + 60) })],
  ['8: exp is negative', () => signed({ ...claims, exp: -1 })],
  ['8: exp is 1e308', () => signed(JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e308'))],
  ['8: expired beyond the tolerance', () => signed({ ...claims, exp: now() - 62 })],
  ['8: not yet good', () => signed({ ...claims, nbf: now() + 90 })],
  ['8: no nbf', () => signed({ ...claims, nbf: undefined })],
  ['8: made in the future', () => signed({ ...claims, iat: now() + 90 })],
  ['8: no iat', () => signed({ ...claims, iat: undefined })],
  ['8: ten years', () => signed({ ...claims, exp: now() + 315_360_000 })],
  ['8: made long ago', () => signed({ ...claims, iat: now() - 86_400 })],
  ['9: another typ', () => signed(claims, { typ: 'at+jwt' })],
  ['9: no typ', () => rawHeader(`{"alg":"ES256","kid":"${key.kid}"}`)],
  ['9: without what only an access token has', () => signed({ ...claims, access: undefined })],
  ['9: without the claims of this registry', () => signed({ ...claims, berth: undefined })],
  [
    '16: of an account that never was',
    () => signed({ ...claims, berth: { pv: 0, uid: 'nobody', epoch: 0 } }),
  ],
  [
    '16: of an older epoch',
    () => signed({ ...claims, berth: { ...(claims['berth'] as object), epoch: -1 } }),
  ],
  [
    '16: of a credential of somebody else',
    () => signed({ ...claims, berth: { ...(claims['berth'] as object), cid: 'x' } }),
  ],
  [
    'a payload that is no JSON',
    () => jwt({ alg: 'ES256', typ: 'JWT', kid: key.kid }, 'no JSON', es256(key.privateKey)),
  ],
  ['a token of 12 kB', () => 'a'.repeat(12_000)],
];

test.each(forgeries)('%s', async (_, forge) => {
  const answer = await show(forge());
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toMatch(
    /^Bearer realm="[^"]+",service="berth",error="invalid_token"$/,
  );
  expect(await answer.json()).toMatchObject({ errors: [{ code: 'UNAUTHORIZED' }] });
});

describe('3: no address in a header is asked', () => {
  test.each(['jku', 'x5u'])('%s', async (member) => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end('{"keys":[]}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { status } = await show(bySomebodyElse({ [member]: `http://127.0.0.1:${port}/keys` }));
    server.close();
    expect([status, asked]).toEqual([401, 0]);
  });
});

test('21: a flood of unknown keys changes nothing, and a rotation breaks no token', async () => {
  const flood = Array.from({ length: 50 }, (_, index) => show(bySomebodyElse({ kid: `unknown${index}` })));
  for (const { status } of await Promise.all(flood)) expect(status).toBe(401);
  expect((await registry.api('POST', '/keys/rotate', {})).status).toBe(201);
  expect((await show(genuine)).status).toBe(200);
  expect((await show(await registry.token([]))).status).toBe(200);
  const jwks = (await (await fetch(`${registry.url}/.well-known/jwks.json`)).json()) as { keys: object[] };
  expect(jwks.keys).toHaveLength(2);
  for (const jwk of jwks.keys)
    expect(Object.keys(jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
});
