import type { Digest } from '@berth/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManifestStore } from '../stores/manifests.ts';
import { UploadStore } from '../stores/uploads.ts';
import {
  digestOfBytes,
  imageOf,
  indexOf,
  pushBlob,
  putOf,
  repositoryName,
  type Image,
} from '../testing/content.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { ensureRepository } from './repositories.ts';
import { contentsOf, listSizedTags, totalSizes } from './sizes.ts';

const repository = repositoryName('team/app');
const other = repositoryName('team/other');
const missing = digestOfBytes('nobody has it');

let fixture: Fixture;
let uploads: UploadStore;
let id: number;

beforeEach(async () => {
  fixture = await openFixture();
  uploads = new UploadStore(fixture.context);
  ({ id } = await fixture.context.database.transaction((trx) => ensureRepository(trx, repository, 0)));
});

afterEach(() => fixture.close());

const blob = (length: number, name = repository) => pushBlob(uploads, name, 'x'.repeat(length));

/** Nothing that a manifest names must be there. */
async function put(image: Image, tag?: string, name = repository): Promise<Digest> {
  const manifests = new ManifestStore(fixture.context, { layers: 'none', children: 'none' });
  return manifests.put(putOf(name, image, tag));
}

async function sizeOf({ digest }: Image): Promise<number | undefined> {
  return (await totalSizes(fixture.context.database.reader, id, [digest])).get(digest);
}

describe('the size of a manifest', () => {
  test('is its own and that of config and layers, each once', async () => {
    const [config, layer] = [await blob(10), await blob(200)];
    const image = imageOf(config, [layer, layer]);
    await put(image);
    expect(await sizeOf(image)).toBe(image.payload.length + 210);
  });

  test('of an index has all its children, and what they share once', async () => {
    const [config, shared, own] = [await blob(10), await blob(200), await blob(3000)];
    const one = imageOf(config, [shared]);
    const two = imageOf(config, [shared, own]);
    const inner = indexOf([two.digest, one.digest]);
    const index = indexOf([one.digest, two.digest, inner.digest, one.digest]);
    for (const each of [one, two, inner, index]) await put(each);
    const manifests = [one, two, inner, index].reduce((sum, { payload }) => sum + payload.length, 0);
    expect(await sizeOf(index)).toBe(manifests + 3210);
  });

  test('has nothing of what the repository does not hold, though another one does', async () => {
    const foreign = await blob(5000, other);
    const child = imageOf(foreign);
    await put(child, undefined, other);
    const image = imageOf(await blob(10), [foreign, missing]);
    const index = indexOf([image.digest, child.digest, missing]);
    for (const each of [image, index]) await put(each);
    expect(await sizeOf(image)).toBe(image.payload.length + 10);
    expect(await sizeOf(index)).toBe(index.payload.length + image.payload.length + 10);
    expect(await sizeOf(child)).toBeUndefined();
  });

  test('has nothing of a blob in quarantine', async () => {
    const [config, layer] = [await blob(10), await blob(200)];
    const image = imageOf(config, [layer]);
    await put(image);
    await fixture.context.database.transaction(async (trx) => {
      await trx.updateTable('blob').set({ quarantined_at: 1 }).where('digest', '=', layer).execute();
    });
    expect(await sizeOf(image)).toBe(image.payload.length + 10);
  });
});

test('tags come in pages, each with the size of what it names', async () => {
  const small = imageOf(await blob(10));
  const large = imageOf(await blob(5000));
  for (const tag of ['a', 'c']) await put(small, tag);
  await put(large, 'b');
  await put(large, 'b', other);
  const { reader } = fixture.context.database;
  const sizes = async (page: { count: number; last?: string }) =>
    (await listSizedTags(reader, id, page)).map(({ name, size }) => [name, size]);
  expect(await sizes({ count: 2 })).toEqual([
    ['a', small.payload.length + 10],
    ['b', large.payload.length + 5000],
  ]);
  expect(await sizes({ count: 2, last: 'b' })).toEqual([['c', small.payload.length + 10]]);
});

test('what a repository holds is its own', async () => {
  const { reader } = fixture.context.database;
  expect(await contentsOf(reader, id)).toEqual({ tags: 0, manifests: 0, blobs: 0, size: 0 });
  const image = imageOf(await blob(10), [await blob(200)]);
  await put(image, 'a');
  await put(image, 'b');
  await blob(5000, other);
  expect(await contentsOf(reader, id)).toEqual({ tags: 2, manifests: 1, blobs: 2, size: 210 });
});
