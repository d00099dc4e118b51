import { parseRepositoryPattern, type ReadableNames } from '@berth/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOfBytes, imageOf, nothing, repositoryName } from '../testing/content.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { insertManifest } from './manifests.ts';
import { ensureRepository, listRepositories } from './repositories.ts';

let fixture: Fixture;

beforeAll(async () => {
  fixture = await openFixture();
  await fixture.context.database.transaction(async (trx) => {
    for (let index = 0; index < 20; index += 1) {
      for (const parent of ['hidden', 'shown']) {
        const { id } = await ensureRepository(trx, repositoryName(`${parent}/app-${index}`), 0);
        const image = imageOf(digestOfBytes(parent));
        await insertManifest(trx, { repositoryId: id, ...image, createdAt: 0, createdBy: '' });
      }
    }
    await ensureRepository(trx, repositoryName('shown/empty'), 0);
  });
});

afterAll(() => fixture.close());

const readable = (...patterns: readonly string[]): ReadableNames => ({
  ...nothing,
  allow: patterns.map((text) => parseRepositoryPattern(text)!),
});

const list = async (readable: ReadableNames, page: { count: number; last?: string }) =>
  (await listRepositories(fixture.context.database.reader, readable, page)).map(({ name }) => name);

test('a page is full, however much of the list is hidden before its end', async () => {
  const page = await list(readable('shown/**'), { count: 2 });
  expect(page).toEqual(['shown/app-0', 'shown/app-1']);
  expect(await list(readable('shown/**'), { count: 2, last: 'shown/app-1' })).toEqual([
    'shown/app-10',
    'shown/app-11',
  ]);
});

test('a repository without a manifest is not listed', async () => {
  expect(await list(readable('shown/empty'), { count: 10 })).toEqual([]);
  expect(await list(readable('shown/**'), { count: 100 })).toHaveLength(20);
});

test.for(['', '/*', '/**'])('hundreds of patterns that end with "%s" are no error', async (end) => {
  const many = Array.from({ length: 400 }, (_, index) => `team-${index}${end}`);
  const found = await list(
    { ...readable(...many, 'shown/app-7'), deny: readable(...many).allow },
    { count: 10 },
  );
  expect(found).toEqual(['shown/app-7']);
});
