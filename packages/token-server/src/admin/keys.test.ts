import { X509Certificate } from 'node:crypto';
import type { AdminRoute } from '@berth/protocol';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basic, openBench, type Bench } from '../testing/bench.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
  await bench.addUser('root', { admin: true });
  await bench.addUser('alice');
});

afterAll(() => bench.close());

interface Sent {
  readonly query?: object;
  readonly body?: object;
}

interface Answer {
  readonly kid: string;
  readonly signsFrom: string;
  readonly items: readonly { readonly kid: string }[];
  readonly keys: readonly { readonly kid: string; readonly x: string }[];
  readonly pem: string;
}

async function call(method: AdminRoute['method'], path: string, user: string, sent: Sent = {}) {
  const actor = await bench.server.identify({
    authorization: basic(user),
    address: '',
    origin: bench.origin,
  });
  const route = bench.server.adminRoutes.find(
    (row) => row.path === path && row.method === method,
  ) as AdminRoute;
  const reply = await route.handle({ actor, params: {}, query: sent.query, body: sent.body });
  return route.response?.parse(reply.body) as Answer;
}

test('an administrator sees the keys and rotates them, and tokens stay good', async () => {
  const bearer = `Bearer ${await bench.token(basic('alice'))}`;
  const [first] = (await call('GET', '/keys', 'root')).items;
  const before = Date.now();
  const { kid, signsFrom } = await call('POST', '/keys/rotate', 'root');
  expect(Date.parse(signsFrom)).toBeGreaterThanOrEqual(before + 5_000);
  expect((await call('GET', '/keys', 'root')).items.map((key) => key.kid)).toEqual([kid, first?.kid]);
  await bench.access(bearer);
  const jwks = (await (await fetch(`${bench.origin}/.well-known/jwks.json`)).json()) as {
    keys: { kid: string }[];
  };
  expect(jwks.keys.map((key) => key.kid)).toEqual([kid, first?.kid]);
  const events = await bench.database.reader
    .selectFrom('audit')
    .selectAll()
    .where('action', '=', 'key.rotate')
    .execute();
  expect(events).toMatchObject([{ actor: 'root', target: kid, outcome: 'done' }]);
});

test('the export has every published key, as a JWKS and as certificates', async () => {
  const { items } = await call('GET', '/keys', 'root');
  const { keys } = await call('GET', '/keys/export', 'root', { query: { format: 'jwks' } });
  expect(keys.map(({ kid }) => kid)).toEqual(items.map(({ kid }) => kid));
  expect(keys[0]).not.toHaveProperty('d');
  const { pem } = await call('GET', '/keys/export', 'root', { query: { format: 'pem' } });
  const certificates = pem.split(/(?<=-----END CERTIFICATE-----\n)/).map((text) => new X509Certificate(text));
  expect(certificates.map(({ publicKey }) => publicKey.export({ format: 'jwk' }).x)).toEqual(
    keys.map(({ x }) => x),
  );
  for (const certificate of certificates) {
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.validToDate).toEqual(new Date('9999-12-31T23:59:59Z'));
  }
});

test('a key can be published an hour before it signs', async () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  const { kid, signsFrom } = await call('POST', '/keys/rotate', 'root', { body: { signsFrom: inAnHour } });
  expect(signsFrom).toBe(inAnHour);
  expect((await call('GET', '/keys', 'root')).items[0]).toMatchObject({ kid });
  expect(decodeProtectedHeader(await bench.token(basic('alice'))).kid).not.toBe(kid);
});

test('nobody else does', async () => {
  await expect(call('GET', '/keys/export', 'alice', { query: { format: 'pem' } })).rejects.toMatchObject({
    code: 'DENIED',
  });
  await expect(call('GET', '/keys', 'alice')).rejects.toMatchObject({ code: 'DENIED' });
  await expect(call('POST', '/keys/rotate', 'alice')).rejects.toMatchObject({ code: 'DENIED' });
});
