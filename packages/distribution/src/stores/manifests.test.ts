import { denied, parseReference, type Digest } from '@berth/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listReferrers } from '../metadata/referrers.ts';
import { changeRepository, ensureRepository, findRepository } from '../metadata/repositories.ts';
import { findTag, listTags } from '../metadata/tags.ts';
import {
  digestOfBytes,
  imageOf,
  indexOf,
  descriptorOf,
  pushBlob,
  putOf,
  repositoryName,
  rightsTo,
  tagName,
} from '../testing/content.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { ManifestStore } from './manifests.ts';
import { UploadStore } from './uploads.ts';

const repository = repositoryName('team/app');
const other = repositoryName('team/other');
const validation = { layers: 'all', children: 'all' } as const;

let fixture: Fixture;
let manifests: ManifestStore;
let config: Digest;

beforeEach(async () => {
  fixture = await openFixture();
  manifests = new ManifestStore(fixture.context, validation);
  config = await pushBlob(new UploadStore(fixture.context), repository, '{}');
});

afterEach(() => fixture.close());

const code = (code: string) => expect.objectContaining({ code });
const no = denied('because of the test');
const everyRight = { tag: rightsTo(), untagged: { allowed: true } } as const;

/** Images that differ in an annotation. */
const image = (name: string) => imageOf(config, [], { annotations: { name } });
const put = (tag: string | undefined, name: string, more = {}) =>
  manifests.put(putOf(repository, image(name), tag, more));
const get = async (reference: string, of = repository) =>
  (await manifests.get(of, parseReference(reference))).digest;
const remove = (reference: string, rights = {}) =>
  manifests.remove(repository, parseReference(reference), { ...everyRight, ...rights });
const isUnknown = (reference: string, of = repository) =>
  expect(get(reference, of)).rejects.toThrow(code('MANIFEST_UNKNOWN'));

async function tags(): Promise<string[]> {
  const { reader } = fixture.context.database;
  const { id } = (await findRepository(reader, repository))!;
  return (await listTags(reader, id, { count: 100 })).map(({ name, digest }) => `${name} ${digest}`);
}

async function makeImmutable(...patterns: readonly string[]): Promise<void> {
  await fixture.context.database.transaction(async (trx) => {
    const { id } = await ensureRepository(trx, repository, 0);
    await changeRepository(trx, id, { immutableTags: patterns });
  });
}

describe('putting', () => {
  test('by tag: byte for byte by tag and by digest, in this repository only', async () => {
    const { digest, payload } = image('one');
    expect(await put('latest', 'one')).toBe(digest);
    for (const reference of ['latest', digest]) {
      const found = await manifests.get(repository, parseReference(reference));
      expect(found).toMatchObject({ digest, mediaType: 'application/vnd.oci.image.manifest.v1+json' });
      expect(Buffer.from(found.payload)).toEqual(payload);
      await isUnknown(reference, other);
    }
  });

  test.for(['sha256', 'sha512'] as const)('by %s makes no tag', async (algorithm) => {
    const { payload } = image('one');
    const digest = digestOfBytes(payload, algorithm);
    await manifests.put(putOf(repository, image('one'), digest));
    expect(await get(digest)).toBe(digest);
    expect(await tags()).toEqual([]);
  });

  test('by its digest with several tags: all of them, or none', async () => {
    const names = ['1', '1.2', '1.2.3'].map(tagName);
    const digest = await put(undefined, 'one', { tags: names });
    expect(await tags()).toEqual(names.map((name) => `${name} ${digest}`));
    const rights = (tag: string) => rightsTo(tag === '1.2' ? { overwrite: no } : {})(tagName(tag));
    await expect(put(undefined, 'two', { tags: names, rights })).rejects.toThrow(code('DENIED'));
    expect(await tags()).toEqual(names.map((name) => `${name} ${digest}`));
    await isUnknown(image('two').digest);
  });

  test('by the digest of something else is refused', async () => {
    const { digest } = image('two');
    const wrong = manifests.put(putOf(repository, image('one'), digest));
    await expect(wrong).rejects.toThrow(code('DIGEST_INVALID'));
    await isUnknown(digest);
  });

  test('a tag again unchanged keeps who put it and when; a move does not', async () => {
    const { reader } = fixture.context.database;
    const found = async () => {
      const { id } = (await findRepository(reader, repository))!;
      return findTag(reader, id, tagName('latest'));
    };
    await put('latest', 'one', { author: 'first' });
    const before = await found();
    await put('latest', 'one', { author: 'second' });
    expect(await found()).toEqual(before);
    await put('latest', 'two', { author: 'third' });
    expect([before?.updatedBy, (await found())?.updatedBy]).toEqual(['first', 'third']);
  });

  test('moves a tag, and the old manifest stays', async () => {
    const first = await put('latest', 'one');
    const second = await put('latest', 'two');
    expect(await get('latest')).toBe(second);
    expect(await get(first)).toBe(first);
  });

  test('where the client expects something else changes nothing', async () => {
    const seen: (Digest | undefined)[] = [];
    const refuse = (current: Digest | undefined) => {
      seen.push(current);
      throw new Error('not what was expected');
    };
    await expect(put('latest', 'one', { expect: refuse })).rejects.toThrow('not what');
    await isUnknown('latest');
    const digest = await put('latest', 'one');
    await expect(put('latest', 'two', { expect: refuse })).rejects.toThrow('not what');
    await expect(put(undefined, 'one', { expect: refuse })).rejects.toThrow('not what');
    await expect(put(undefined, 'two', { expect: refuse })).rejects.toThrow('not what');
    expect(seen).toEqual([undefined, digest, digest, undefined]);
    expect(await get('latest')).toBe(digest);
  });
});

describe('a manifest that names what the repository lacks', () => {
  const missing = digestOfBytes('nowhere');

  test.for([
    ['a config', () => imageOf(missing)],
    ['a layer', () => imageOf(config, [config, missing])],
    ['a child', () => indexOf([missing])],
    ['a blob where a child should be', () => indexOf([config])],
  ] as const)('%s', async ([, make]) => {
    const broken = make();
    const putting = manifests.put(putOf(repository, broken, 'latest'));
    await expect(putting).rejects.toThrow(code('MANIFEST_BLOB_UNKNOWN'));
    await isUnknown('latest');
    await isUnknown(broken.digest);
  });

  test('says which, and makes no repository', async () => {
    const putting = manifests.put(putOf(other, image('one'), 'latest'));
    await expect(putting).rejects.toMatchObject({ status: 400, detail: { digests: [config] } });
    expect(await findRepository(fixture.context.database.reader, other)).toBeUndefined();
  });

  test('as its subject is accepted, and listed under it', async () => {
    const about = imageOf(config, [], { subject: descriptorOf(missing), artifactType: 'a/signature' });
    await manifests.put(putOf(repository, about));
    const query = { repository, subject: missing, page: { count: 10 } };
    const { reader } = fixture.context.database;
    const found = async (more = {}) => (await listReferrers(reader, { ...query, ...more })).items;
    expect(await found()).toMatchObject([
      { digest: about.digest, artifactType: 'a/signature', size: about.payload.length },
    ]);
    expect(await found({ artifactType: 'a/nother' })).toEqual([]);
    expect(await found({ repository: other })).toEqual([]);
  });

  test.for([
    ['annotations', { annotations: { note: 'x'.repeat(1_500_000) } }],
    ['an artifact type', { artifactType: 'x'.repeat(1_500_000) }],
    [
      'an artifact type, each character of which takes six in JSON',
      { artifactType: '\u0001'.repeat(250_000) },
    ],
  ] as const)('is listed on a page that ends before 4 MiB of %s', async ([, more]) => {
    const subject = digestOfBytes('a subject');
    for (const name of ['1', '2', '3'])
      await manifests.put(
        putOf(repository, imageOf(config, [], { subject: descriptorOf(subject), name, ...more })),
      );
    const query = { repository, subject, page: { count: 100 } };
    const { items, more: others } = await listReferrers(fixture.context.database.reader, query);
    expect([items.length, others]).toEqual([2, true]);
  });

  test('is accepted where the configuration does not ask for it', async () => {
    const trusting = new ManifestStore(fixture.context, { layers: 'none', children: 'none' });
    for (const broken of [imageOf(missing), indexOf([missing])]) {
      expect(await trusting.put(putOf(repository, broken))).toBe(broken.digest);
    }
  });
});

describe('rights to a tag', () => {
  test.for([
    ['a new tag, without put', undefined, 'one', { put: no }, false],
    ['a new tag, without overwrite', undefined, 'one', { overwrite: no, delete: no }, true],
    ['a move, without overwrite', 'one', 'two', { overwrite: no }, false],
    ['a move, without put', 'one', 'two', { put: no }, true],
    ['the same again, without any', 'one', 'one', { put: no, overwrite: no }, true],
  ] as const)('%s', async ([, before, after, rights, allowed]) => {
    const first = before && (await put('latest', before));
    const putting = put('latest', after, { rights: rightsTo(rights) });
    if (allowed) expect(await putting).toBe(await get('latest'));
    else await expect(putting).rejects.toMatchObject({ code: 'DENIED', message: 'because of the test' });
    if (!allowed && first) expect(await get('latest')).toBe(first);
    if (!allowed) await isUnknown(image(after).digest);
  });

  test('of twenty who put one tag at once, without the right to overwrite, one wins', async () => {
    const rights = rightsTo({ overwrite: no });
    const names = Array.from({ length: 20 }, (_, index) => `number ${index}`);
    const results = await Promise.allSettled(names.map((name) => put('race', name, { rights })));
    const won = results.filter((result) => result.status === 'fulfilled');
    expect(won.map(({ value }) => value)).toEqual([await get('race')]);
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost.map(({ reason }) => reason.code)).toEqual(Array.from({ length: 19 }, () => 'DENIED'));
  });
});

describe('removing', () => {
  test('a tag leaves its manifest and the other tags', async () => {
    const digest = await put('one', 'image');
    await put('two', 'image');
    await remove('one');
    await isUnknown('one');
    expect([await get('two'), await get(digest)]).toEqual([digest, digest]);
  });

  test('a digest takes all of its tags with it', async () => {
    const digest = await put('one', 'image');
    await put('two', 'image');
    const kept = await put('three', 'other image');
    await remove(digest);
    for (const reference of ['one', 'two', digest]) await isUnknown(reference);
    expect(await tags()).toEqual([`three ${kept}`]);
  });

  test('what is not there is unknown', async () => {
    for (const reference of ['latest', digestOfBytes('x')]) {
      await expect(remove(reference)).rejects.toThrow(code('MANIFEST_UNKNOWN'));
      const elsewhere = manifests.remove(other, parseReference(reference), everyRight);
      await expect(elsewhere).rejects.toThrow(code('MANIFEST_UNKNOWN'));
    }
  });

  test('needs the right to the tag, and by digest to every tag that names it', async () => {
    const digest = await put('free', 'image');
    await put('held', 'image');
    const tag = (tag: string) => rightsTo(tag === 'held' ? { delete: no } : {})(tagName(tag));
    await expect(remove('held', { tag })).rejects.toThrow(code('DENIED'));
    await expect(remove(digest, { tag })).rejects.toThrow(code('DENIED'));
    expect([await get('free'), await get('held')]).toEqual([digest, digest]);
    await remove('free', { tag });
  });

  test('needs the right to every tag of an index that holds the manifest, at whatever depth', async () => {
    const child = await put('free', 'image');
    const inner = indexOf([child]);
    await manifests.put(putOf(repository, inner));
    await manifests.put(putOf(repository, indexOf([inner.digest]), 'held'));
    const tag = (tag: string) => rightsTo(tag === 'held' ? { delete: no } : {})(tagName(tag));
    for (const digest of [child, inner.digest])
      await expect(remove(digest, { tag })).rejects.toThrow(code('DENIED'));
    expect(await get('free')).toBe(child);
    await remove('held');
    await remove(child, { tag });
  });

  test('what no tag names needs a right of its own', async () => {
    const digest = await put(undefined, 'image');
    await expect(remove(digest, { untagged: no })).rejects.toThrow(code('DENIED'));
    await put('latest', 'image');
    await remove(digest, { untagged: no });
    await isUnknown(digest);
  });
});

describe('an immutable tag', () => {
  test.for([
    ['v1.0', ['v*'], true],
    ['v1.0', ['v1.0'], true],
    ['v1.0-rc', ['*-rc', 'x'], true],
    ['v1.0', ['*'], true],
    ['v1.0', ['v2*', 'v1'], false],
    ['v1.0', [], false],
  ] as const)('%s of %j: %s', async ([tag, patterns, immutable]) => {
    await makeImmutable(...patterns);
    const digest = await put(tag, 'one');
    expect(await put(tag, 'one')).toBe(digest);
    const changes = [() => put(tag, 'two'), () => remove(tag), () => remove(digest)];
    for (const change of immutable ? changes : []) {
      await expect(change()).rejects.toThrow(code('DENIED'));
      expect(await get(tag)).toBe(digest);
    }
    if (!immutable) expect(await put(tag, 'two')).not.toBe(digest);
  });

  test('holds for a manifest that other tags name too', async () => {
    await makeImmutable('v*');
    const digest = await put('v1', 'one');
    await put('latest', 'one');
    await expect(remove(digest)).rejects.toThrow(code('DENIED'));
    await remove('latest');
    expect(await get('v1')).toBe(digest);
  });

  test('is named before what one may not do to the other tags of a digest', async () => {
    await makeImmutable('v*');
    for (const name of ['a', 'v1', 'z']) await put(name, 'one');
    const { digest } = image('one');
    await expect(remove(digest, { tag: rightsTo({ delete: no }) })).rejects.toMatchObject({ status: 409 });
  });
});
