import { denied, parseReference, type Digest } from '@berth/protocol';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RecordChange } from '../exchange.ts';
import { findRepository } from '../metadata/repositories.ts';
import { listTags } from '../metadata/tags.ts';
import { imageOf, pushBlob, putOf, repositoryName, rightsTo, tagName } from '../testing/content.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { ManifestStore } from './manifests.ts';
import { UploadStore } from './uploads.ts';

/** What a PUT of a manifest says to the audit, in a table of the same database. */
const repository = repositoryName('team/app');

let fixture: Fixture;
let manifests: ManifestStore;
let config: Digest;

beforeEach(async () => {
  fixture = await openFixture();
  manifests = new ManifestStore(fixture.context, { layers: 'all', children: 'all' });
  config = await pushBlob(new UploadStore(fixture.context), repository, '{}');
  await fixture.context.database.transaction((trx) => sql`create table noted (change text)`.execute(trx));
});

afterEach(() => fixture.close());

const record: RecordChange = async (trx, change) => {
  await sql`insert into noted values (${JSON.stringify(change)})`.execute(trx);
};

/** Since the last time. */
async function noted(): Promise<unknown[]> {
  const { rows } = await fixture.context.database.transaction((trx) =>
    sql<{ change: string }>`delete from noted returning change`.execute(trx),
  );
  return rows.map(({ change }) => JSON.parse(change) as unknown);
}

async function tags(): Promise<string[]> {
  const { reader } = fixture.context.database;
  const { id } = (await findRepository(reader, repository))!;
  return (await listTags(reader, id, { count: 100 })).map(({ name, digest }) => `${name} ${digest}`);
}

const image = (name: string) => imageOf(config, [], { annotations: { name } });
const put = (tag: string | undefined, name: string, more = {}) =>
  manifests.put(putOf(repository, image(name), tag, { record, ...more }));

const digestOf = (name: string) => image(name).digest;

describe('a manifest that is put', () => {
  test('by a new tag, a tag that moves, and the same once more', async () => {
    await put('latest', 'one');
    expect(await noted()).toEqual([{ target: 'latest', after: { digest: digestOf('one') } }]);
    await put('latest', 'two');
    expect(await noted()).toEqual([
      { target: 'latest', before: { digest: digestOf('one') }, after: { digest: digestOf('two') } },
    ]);
    await put('latest', 'two');
    expect(await noted()).toEqual([]);
  });

  test('by its digest: once, also where a tag has brought it', async () => {
    const { digest } = image('one');
    await put(undefined, 'one');
    expect(await noted()).toEqual([{ target: digest, after: { digest } }]);
    await put(undefined, 'one');
    expect(await noted()).toEqual([]);
    await put('latest', 'two');
    await noted();
    await put(undefined, 'two');
    expect(await noted()).toEqual([]);
  });

  test('by its digest with several tags: each that changes', async () => {
    const [first, second] = [digestOf('one'), digestOf('two')];
    await put('1', 'one');
    await put('2', 'two');
    await noted();
    await put(undefined, 'two', { tags: ['1', '2', '3'].map(tagName) });
    expect(await noted()).toEqual([
      { target: '1', before: { digest: first }, after: { digest: second } },
      { target: '3', after: { digest: second } },
    ]);
  });

  test('and deleted, and put again, is new', async () => {
    const { digest } = image('one');
    await put('latest', 'one');
    const rights = { tag: rightsTo(), untagged: { allowed: true } } as const;
    await manifests.remove(repository, parseReference(digest), rights);
    await noted();
    await put(undefined, 'one');
    expect(await noted()).toEqual([{ target: digest, after: { digest } }]);
  });
});

describe('what is refused', () => {
  const refused = denied('because of the test');

  test('says nothing, also where some of it was said already', async () => {
    await put('2', 'one');
    await noted();
    const rights = (tag: string) => rightsTo(tag === '2' ? { overwrite: refused } : {})(tagName(tag));
    const putting = put(undefined, 'two', { tags: ['1', '2'].map(tagName), rights });
    await expect(putting).rejects.toThrow('because of the test');
    await expect(put('new', 'two', { rights: rightsTo({ put: refused }) })).rejects.toThrow();
    await expect(
      manifests.put(putOf(repository, imageOf(digestOf('one')), 'x', { record })),
    ).rejects.toThrow();
    expect(await noted()).toEqual([]);
  });

  test('by the audit itself is not put', async () => {
    await put('latest', 'one');
    const before = await tags();
    const failing: RecordChange = async (trx, change) => {
      await record(trx, change);
      throw new Error('no room for it');
    };
    for (const tag of ['latest', 'new', undefined])
      await expect(put(tag, 'two', { record: failing })).rejects.toThrow('no room');
    expect(await tags()).toEqual(before);
    const unknown = manifests.get(repository, parseReference(digestOf('two')));
    await expect(unknown).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' });
    expect(await noted()).toHaveLength(1);
  });
});
