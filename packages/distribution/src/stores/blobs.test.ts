import { parseRepositoryPattern, type Digest, type ReadableNames } from '@berth/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  changeRepository,
  ensureRepository,
  findRepository,
  hideRepository,
} from '../metadata/repositories.ts';
import { countQueues } from '../metadata/reviews.ts';
import {
  everything,
  imageOf,
  nothing,
  pushBlob,
  putOf,
  readBlob,
  repositoryName,
  rightsTo,
} from '../testing/content.ts';
import { openFixture, reviewDelay, type Fixture } from '../testing/fixture.ts';
import { BlobStore } from './blobs.ts';
import { ManifestStore } from './manifests.ts';
import { UploadStore } from './uploads.ts';

const source = repositoryName('team/source');
const target = repositoryName('team/target');
const content = 'the content of a blob';

let fixture: Fixture;
let blobs: BlobStore;
let manifests: ManifestStore;
let digest: Digest;

beforeEach(async () => {
  fixture = await openFixture();
  blobs = new BlobStore(fixture.context);
  manifests = new ManifestStore(fixture.context, { layers: 'all', children: 'all' });
  digest = await pushBlob(new UploadStore(fixture.context), source, content);
});

afterEach(() => fixture.close());

const unknown = expect.objectContaining({ code: 'BLOB_UNKNOWN', status: 404 });
const readableBy = (...patterns: readonly string[]): ReadableNames => ({
  ...nothing,
  allow: patterns.map((text) => parseRepositoryPattern(text)!),
});

describe('a blob of another repository', () => {
  test('does not exist here, and does not take away the one there', async () => {
    await fixture.context.database.transaction((trx) => ensureRepository(trx, target, 0));
    await expect(blobs.get(target, digest)).rejects.toThrow(unknown);
    await expect(blobs.remove(target, digest)).rejects.toThrow(unknown);
    expect(await readBlob(blobs, source, digest)).toBe(content);
  });

  test('does not exist in a repository that does not exist', async () => {
    await expect(blobs.get(target, digest)).rejects.toThrow(unknown);
    await expect(blobs.remove(target, digest)).rejects.toThrow(unknown);
  });
});

describe('mounting', () => {
  test.for([
    ['from what one may read', { from: source, readable: everything }, true],
    ['from a repository by its name', { from: source, readable: readableBy('team/source') }, true],
    ['from anywhere, with a right to one that has it', { readable: readableBy('team/*') }, true],
    ['from what one may not read', { from: source, readable: nothing }, false],
    ['from anywhere, without a right to any', { readable: nothing }, false],
    ['from anywhere, with rights to others', { readable: readableBy('team/target', 'other/**') }, false],
    [
      'from what is denied',
      { from: source, readable: { ...everything, deny: readableBy('team/*').allow } },
      false,
    ],
    ['from a repository that lacks it', { from: target, readable: everything }, false],
    [
      'from a repository that does not exist',
      { from: repositoryName('no/such'), readable: everything },
      false,
    ],
    [
      'from a private one, where public ones may be read',
      { from: source, readable: { ...nothing, visibilities: ['public'] } },
      false,
    ],
  ] as const)('%s', async ([, where, mounts]) => {
    expect(await blobs.mount(digest, where, target)).toBe(mounts);
    if (mounts) expect(await readBlob(blobs, target, digest)).toBe(content);
    else await expect(blobs.get(target, digest)).rejects.toThrow(unknown);
    const made = await findRepository(fixture.context.database.reader, target);
    expect(made !== undefined).toBe(mounts);
  });

  test('from what its visibility opens', async () => {
    await fixture.context.database.transaction(async (trx) => {
      const { id } = await ensureRepository(trx, source, 0);
      await changeRepository(trx, id, { visibility: 'public' });
    });
    expect(await blobs.mount(digest, { readable: { ...nothing, visibilities: ['public'] } }, target)).toBe(
      true,
    );
  });

  test('from what was deleted is not possible, whatever one may read', async () => {
    await fixture.context.database.transaction(async (trx) => {
      await hideRepository(trx, (await findRepository(trx, source))!.id);
    });
    expect(await blobs.mount(digest, { readable: everything }, target)).toBe(false);
  });

  test('again changes nothing', async () => {
    expect(await blobs.mount(digest, { readable: everything }, target)).toBe(true);
    expect(await blobs.mount(digest, { readable: everything }, target)).toBe(true);
    expect(await fixture.files()).toHaveLength(1);
  });
});

describe('removing', () => {
  test('takes a blob from one repository and leaves it to the others', async () => {
    await blobs.mount(digest, { readable: everything }, target);
    await blobs.remove(source, digest);
    await expect(blobs.get(source, digest)).rejects.toThrow(unknown);
    await expect(blobs.remove(source, digest)).rejects.toThrow(unknown);
    expect(await readBlob(blobs, target, digest)).toBe(content);
  });

  test('is refused while a manifest uses the blob, and only there', async () => {
    await blobs.mount(digest, { readable: everything }, target);
    const image = imageOf(digest, [digest]);
    await manifests.put(putOf(source, image, 'latest'));
    await expect(blobs.remove(source, digest)).rejects.toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', status: 405 }),
    );
    expect(await readBlob(blobs, source, digest)).toBe(content);
    await blobs.remove(target, digest);
    const { reference } = putOf(source, image);
    await manifests.remove(source, reference, { tag: rightsTo(), untagged: { allowed: true } });
    await blobs.remove(source, digest);
  });

  test('does not open it to a mount from where it was', async () => {
    await blobs.remove(source, digest);
    expect(await blobs.mount(digest, { from: source, readable: everything }, target)).toBe(false);
    expect(await blobs.mount(digest, { readable: everything }, target)).toBe(false);
  });
});

test('a blob that is removed while somebody asks for it is not reviewed', async () => {
  const blob = await blobs.get(source, digest);
  fixture.pass(reviewDelay);
  await blobs.remove(source, digest);
  await blobs.use(blob);
  const { links } = await countQueues(fixture.context.database.reader);
  expect(links).toBe(0);
});

test('a range of a blob', async () => {
  const blob = await blobs.get(source, digest);
  const chunks: string[] = [];
  for await (const chunk of blobs.read(blob, { start: 4, end: 11 }))
    chunks.push(Buffer.from(chunk).toString());
  expect(chunks.join('')).toBe('content');
});
