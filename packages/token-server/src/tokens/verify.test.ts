import { createHmac } from 'node:crypto';
import { moveVersion } from '@berth/database';
import { generateKeyPair, importJWK, SignJWT, exportJWK, exportSPKI, type CryptoKey, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { basic, openBench, type Bench } from '../testing/bench.ts';
import { versionReader } from '../versions.ts';
import { createKeys } from './keys.ts';
import { tokenVerifier } from './verify.ts';

let bench: Bench;
let key: { kid: string; private: CryptoKey; publicJwk: JWK };
let stranger: CryptoKey;

beforeAll(async () => {
  bench = await openBench();
  await bench.addUser('alice');
  const row = await bench.database.reader.selectFrom('signing_key').selectAll().executeTakeFirstOrThrow();
  const jwk = JSON.parse(row.private_jwk) as JWK;
  const { d: _private, ...publicJwk } = jwk;
  key = { kid: row.kid, private: (await importJWK(jwk, 'ES256')) as CryptoKey, publicJwk };
  stranger = (await generateKeyPair('ES256', { extractable: true })).privateKey;
});

afterAll(() => bench.close());

const seconds = () => Math.floor(Date.now() / 1000);

function payload(changes: object = {}): Record<string, unknown> {
  const iat = seconds();
  const access = [{ type: 'repository', name: 'alice/app', actions: ['pull'] }];
  const times = { iat, nbf: iat - 10, exp: iat + 300 };
  return { iss: 'berth', sub: '', aud: 'berth', jti: '1', access, berth: { pv: 0 }, ...times, ...changes };
}

function sign(claims: object, header: object = {}, signer: CryptoKey = key.private): Promise<string> {
  const whole = { alg: 'ES256', typ: 'JWT', kid: key.kid, ...header };
  return new SignJWT({ ...claims }).setProtectedHeader(whole as { alg: string }).sign(signer);
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token signed with the public key as the secret of an HMAC, and others that a library would not make. */
async function forged(header: object, signature: (text: string) => string): Promise<string> {
  const text = `${encode({ typ: 'JWT', kid: key.kid, ...header })}.${encode(payload())}`;
  return `${text}.${signature(text)}`;
}

async function hmac(secret: string): Promise<string> {
  return forged({ alg: 'HS256' }, (text) => createHmac('sha256', secret).update(text).digest('base64url'));
}

const good: [string, () => Promise<string>][] = [
  ['as it is made', () => sign(payload())],
  ['within the leeway after its end', () => sign(payload({ iat: seconds() - 300, exp: seconds() - 50 }))],
  ['within the leeway before its begin', () => sign(payload({ nbf: seconds() + 50 }))],
];

const without = (claim: string) => (): Promise<string> => {
  const claims = payload();
  delete claims[claim];
  return sign(claims);
};

const bad: [string, () => Promise<string>][] = [
  ['no token', async () => 'x'],
  ['alg none', () => forged({ alg: 'none' }, () => '')],
  ['alg None with a signature', () => forged({ alg: 'None' }, () => 'AAAA')],
  [
    'HS256 with the public key as PEM',
    async () =>
      hmac(
        await exportSPKI(
          (await importJWK({ ...key.publicJwk, ext: true }, 'ES256', { extractable: true })) as CryptoKey,
        ),
      ),
  ],
  ['HS256 with the public key as JSON', () => hmac(JSON.stringify(key.publicJwk))],
  ['HS256 with the kid', () => hmac(key.kid)],
  ['a signature of zeros', () => forged({ alg: 'ES256' }, () => Buffer.alloc(64).toString('base64url'))],
  ['no signature', () => forged({ alg: 'ES256' }, () => '')],
  ['another key under our kid', () => sign(payload(), {}, stranger)],
  ['another key, embedded', async () => sign(payload(), { jwk: await exportJWK(stranger) }, stranger)],
  ['another key by address', () => sign(payload(), { jku: 'http://127.0.0.1:1/jwks' }, stranger)],
  ['an unknown kid', () => sign(payload(), { kid: 'x' })],
  ['a kid that is a path', () => sign(payload(), { kid: '../../dev/null' })],
  ['a kid that is SQL', () => sign(payload(), { kid: "' OR 1=1--" })],
  ['a kid that is a number', () => sign(payload(), { kid: 7 })],
  ['no kid', () => sign(payload(), { kid: undefined })],
  ['a huge token', async () => `${await sign(payload({ jti: 'x'.repeat(20_000) }))}`],
  ['critical extension', () => forged({ alg: 'ES256', crit: ['x'], x: 1 }, () => 'AAAA')],
  ['five parts', async () => 'a.b.c.d.e'],
  ['another type', () => sign(payload(), { typ: 'at+jwt' })],
  ['no type', () => sign(payload(), { typ: undefined })],
  ['another issuer', () => sign(payload({ iss: 'evil' }))],
  ['another service', () => sign(payload({ aud: 'elsewhere' }))],
  ['no service', without('aud')],
  ['a service that contains ours', () => sign(payload({ aud: 'berth2' }))],
  ['no exp', without('exp')],
  ['no nbf', without('nbf')],
  ['no iat', without('iat')],
  ['no jti', without('jti')],
  ['no sub', without('sub')],
  ['no access', without('access')],
  ['no berth', without('berth')],
  ['exp as text', () => sign(payload({ exp: '9999999999' }))],
  ['ended beyond the leeway', () => sign(payload({ iat: seconds() - 300, exp: seconds() - 61 }))],
  ['begins beyond the leeway', () => sign(payload({ nbf: seconds() + 70 }))],
  ['made in the future', () => sign(payload({ iat: seconds() + 70 }))],
  ['good for ten years', () => sign(payload({ exp: seconds() + 315_360_000 }))],
  ['made long ago and good for long', () => sign(payload({ iat: seconds() - 86_400 }))],
];

const authenticate = (token: string) => bench.access(`Bearer ${token}`);

describe('a token is believed', () => {
  test.each(good)('%s', async (_what, make) => {
    const token = await make();
    await authenticate(token);
    await authenticate(token);
  });
});

describe('a token is refused', () => {
  test.each(bad)('%s', async (_what, make) => {
    const token = await make();
    const challenge = `Bearer realm="${bench.origin}/auth/token",service="berth",error="invalid_token"`;
    const error = { code: 'UNAUTHORIZED', status: 401, headers: { 'www-authenticate': challenge } };
    await expect(authenticate(token)).rejects.toMatchObject(error);
  });

  test('when it was believed before and has ended since', async () => {
    const token = await sign(payload({ iat: seconds() - 300, exp: seconds() - 50 }));
    await authenticate(token);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11_000 });
    try {
      await expect(authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    } finally {
      vi.useRealTimers();
    }
  });

  test('when it was believed before and its key is gone', async () => {
    const token = await bench.token(basic('alice'));
    await authenticate(token);
    const keys = await bench.database.reader.selectFrom('signing_key').selectAll().execute();
    await bench.change(async (trx) => {
      await trx.deleteFrom('signing_key').execute();
      await moveVersion(trx, 'keys');
    });
    await expect(authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await bench.change(async (trx) => {
      await trx.insertInto('signing_key').values(keys).execute();
      await moveVersion(trx, 'keys');
    });
    await authenticate(token);
  });
});

test('a token is good no longer than its key', async () => {
  const versions = versionReader(bench.database);
  const settings = { algorithm: 'ES256', longestLife: 60_000, publishBefore: 0 } as const;
  const keys = await createKeys({ database: bench.database, versions, ...settings });
  await keys.rotate(async () => {});
  const { endsAt } = (await keys.find(key.kid)) ?? {};
  const verify = tokenVerifier({ keys, issuer: 'berth', service: 'berth', longestLife: 300 });
  const verified = await verify(await sign(payload()), await versions());
  expect(endsAt).toBeGreaterThan(Date.now());
  expect(verified?.until).toBe(endsAt);
});

test('tokens are remembered by what they take: long ones do not fill the memory', async () => {
  const read = versionReader(bench.database);
  const settings = { algorithm: 'ES256', longestLife: 60_000, publishBefore: 0 } as const;
  const all = await createKeys({ database: bench.database, versions: read, ...settings });
  const at = await read();
  const known = await all.find(key.kid);
  let lookUps = 0;
  const find = async () => ((lookUps += 1), known && { ...known, endsAt: undefined });
  const keys = { ...all, find };
  const verify = tokenVerifier({ keys, issuer: 'berth', service: 'berth', longestLife: 300 });
  const cost = async (token: string) => {
    lookUps = 0;
    expect(await verify(token, at)).toBeDefined();
    return lookUps;
  };
  const first = await sign(payload());
  expect([await cost(first), await cost(first)]).toEqual([2, 1]);
  const names = Array.from({ length: 16 }, (_, index) => `${index}${'a'.repeat(250)}`);
  const access = names.map((name) => ({ type: 'repository', name, actions: ['pull'] }));
  for (let each = 0; each < 3000; each += 1) await cost(await sign(payload({ access, jti: String(each) })));
  expect(await cost(first)).toBe(2);
}, 30_000);
