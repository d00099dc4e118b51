import { expect, test } from 'vitest';
import { openBench } from '../testing/bench.ts';

interface Published {
  readonly keys: readonly Record<string, string>[];
}

async function published(publishKeysBefore: number | undefined, headers: Record<string, string> = {}) {
  const bench = await openBench({ publishKeysBefore, keyAlgorithm: 'RS256' });
  const url = `${bench.origin}/.well-known/jwks.json`;
  const first = await fetch(url);
  const etag = first.headers.get('etag') ?? '';
  const ask = (header: string) => fetch(url, { headers: { ...headers, 'if-none-match': header } });
  return { bench, url, first, etag, ask };
}

test.for([
  [undefined, 5],
  [60, 60],
  [24 * 3600, 300],
])(
  'a key that is published %s seconds before it signs lets others keep the keys for %s',
  async ([before, life]) => {
    const { bench, first } = await published(before);
    expect(first.headers.get('cache-control')).toBe(`public, max-age=${life}`);
    await bench.close();
  },
);

test('every key says what it is, and nothing that is secret', async () => {
  const { bench, first } = await published(undefined);
  const { keys } = (await first.json()) as Published;
  expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'e', 'kid', 'kty', 'n', 'use']]);
  expect(keys).toMatchObject([{ alg: 'RS256', use: 'sig', kty: 'RSA' }]);
  await bench.close();
});

test('who has the keys already gets 304, until there is another key', async () => {
  const { bench, url, etag, ask } = await published(undefined);
  for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await ask(header);
    expect([answer.status, await answer.text(), answer.headers.get('etag')]).toEqual([304, '', etag]);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=5');
  }
  expect((await ask('"other"')).status).toBe(200);
  const rotate = bench.server.adminRoutes.find(({ path }) => path === '/keys/rotate')!;
  await rotate.handle({ actor: bench.server.localActor(), params: {}, query: undefined, body: undefined });
  const answer = await ask(etag);
  expect([answer.status, ((await answer.json()) as Published).keys.length]).toEqual([200, 2]);
  expect((await fetch(url, { method: 'HEAD' })).headers.get('etag')).toBe(answer.headers.get('etag'));
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  await bench.close();
});
