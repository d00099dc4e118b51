import type { AdminRoute } from '@berth/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basic, openBench, type Bench } from '../testing/bench.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
  await bench.addUser('root', { admin: true });
  await bench.addUser('alice');
});

afterAll(() => bench.close());

async function call(method: AdminRoute['method'], path: string, user: string) {
  const actor = await bench.server.identify({
    authorization: basic(user),
    address: '',
    origin: bench.origin,
  });
  const route = bench.server.adminRoutes.find(
    (row) => row.path === path && row.method === method,
  ) as AdminRoute;
  const reply = await route.handle({ actor, params: {}, query: undefined, body: undefined });
  return route.response?.parse(reply.body) as { kid: string; signsFrom: string; items: { kid: string }[] };
}

test('an administrator sees the keys and rotates them, and tokens stay good', async () => {
  const bearer = `Bearer ${await bench.token(basic('alice'))}`;
  const [first] = (await call('GET', '/keys', 'root')).items;
  const { kid, signsFrom } = await call('POST', '/keys/rotate', 'root');
  expect(Date.parse(signsFrom)).toBeGreaterThan(Date.now() + 4_000);
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

test('nobody else does', async () => {
  await expect(call('GET', '/keys', 'alice')).rejects.toMatchObject({ code: 'DENIED' });
  await expect(call('POST', '/keys/rotate', 'alice')).rejects.toMatchObject({ code: 'DENIED' });
});
