import type { StorageDriver } from '@berth/storage';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Collector } from '../collector/collector.ts';
import {
  claimDeletions,
  forgetDeletion,
  postponeDeletion,
  scheduleDeletion,
  type ClaimedFile,
} from '../metadata/deletions.ts';
import { countQueues } from '../metadata/reviews.ts';
import { bodyOf, digestOfBytes, pushBlob, readBlob, repositoryName } from '../testing/content.ts';
import { openFixture, reviewDelay, type Fixture } from '../testing/fixture.ts';
import { until } from '../testing/until.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { BlobStore } from './blobs.ts';
import { Deletions } from './deletions.ts';
import { UploadStore } from './uploads.ts';

const repository = repositoryName('team/app');
const content = 'the content of a blob';
const digest = digestOfBytes(content);

/** How long a deletion is left to the process that began it, in milliseconds. */
const lease = 60_000;

let fixture: Fixture;
let uploads: UploadStore;
let blobs: BlobStore;

beforeEach(async () => {
  fixture = await openFixture();
  uploads = new UploadStore(fixture.context);
  blobs = new BlobStore(fixture.context);
});

afterEach(() => fixture.close());

/** Commits and deletions of blobs, in their order. */
function watchOrder() {
  const seen: string[] = [];
  const { database, storage } = fixture.context;
  const transaction: typeof database.transaction = async (work, options) => {
    const result = await database.transaction(work, options);
    seen.push(options?.relaxed ? 'relaxed' : 'synced');
    return result;
  };
  const watched = new Proxy(database, {
    get: (target, member) => (member === 'transaction' ? transaction : Reflect.get(target, member)),
  });
  const deleting: typeof storage.delete = async (path, options) => {
    seen.push('delete');
    await storage.delete(path, options);
  };
  return {
    seen,
    context: { ...fixture.context, database: watched, storage: { ...storage, delete: deleting } },
  };
}

const read = () => readBlob(blobs, repository, digest);
const unknown = expect.objectContaining({ code: 'BLOB_UNKNOWN' });

const collect = (context = fixture.context) => {
  const now = context.now();
  return new Collector(context).run({ due: { before: now, usedBefore: now } });
};

/** A collection whose deletions of files wait for `goOn`; resolves when `count` of them have begun. */
async function slowCollection(count: number) {
  const gate = Promise.withResolvers<void>();
  const { storage } = fixture.context;
  let begun = 0;
  const slow: StorageDriver = {
    ...storage,
    async delete(path, options) {
      begun += 1;
      await gate.promise;
      return storage.delete(path, options);
    },
  };
  const ended = collect({ ...fixture.context, storage: slow });
  await until(async () => begun === count);
  const goOn = () => {
    gate.resolve();
    return ended;
  };
  return { goOn };
}

const waiting = async () => (await countQueues(fixture.context.database.reader)).deletions;

/** A collection that falls asleep when it is about to delete the file, until its lease is over. */
async function fallAsleep(): Promise<{ goOn(): Promise<unknown> }> {
  await pushBlob(uploads, repository, content);
  fixture.pass(reviewDelay);
  const asleep = await slowCollection(1);
  fixture.pass(lease + 1);
  return asleep;
}

test('no file is deleted before it is on the disk that its blob is gone', async () => {
  await pushBlob(uploads, repository, content);
  fixture.pass(reviewDelay);
  const { seen, context } = watchOrder();
  expect(await collect(context)).toMatchObject({ blobs: 1, files: 1 });
  expect(seen.slice(0, seen.indexOf('delete')).at(-1)).toBe('synced');
});

describe('a deletion that ends after its lease', () => {
  test('takes no blob that was pushed meanwhile for there: it has to be pushed again', async () => {
    const { goOn } = await fallAsleep();
    await pushBlob(uploads, repository, content);
    expect(await read()).toBe(content);
    await goOn();
    expect(await fixture.files()).toEqual([]);
    await expect(blobs.get(repository, digest)).rejects.toThrow(unknown);
    await pushBlob(uploads, repository, content);
    expect(await read()).toBe(content);
  });

  test('leaves alone what was pushed after the file was gone', async () => {
    await pushBlob(uploads, repository, content);
    fixture.pass(reviewDelay);
    fixture.faults.failNext('delete', 'IO_ERROR', /^docker/);
    await collect();
    fixture.pass(lease);
    // The file is claimed and deleted, and the second one notes that.
    fixture.interruptions.beforeNth(2, async () => {
      fixture.pass(lease + 1);
      await pushBlob(uploads, repository, content);
    });
    await new Deletions(fixture.context).run(1);
    expect(fixture.interruptions.pending).toBe(0);
    expect(await read()).toBe(content);
  });

  test('does not end the one that has taken it over', async () => {
    const { database } = fixture.context;
    const claim = (now: number) =>
      database.transaction((trx) => claimDeletions(trx, { now, leasedUntil: now + lease, limit: 1 }));
    await database.transaction((trx) => scheduleDeletion(trx, { path: 'x', size: 1 }, { now: 0 }));
    const [[first], [second]] = [await claim(1), await claim(lease + 2)];
    for (const end of [forgetDeletion, (trx: Writer, file: ClaimedFile) => postponeDeletion(trx, file, 0)])
      expect(await database.transaction((trx) => end(trx, first!))).toBe(false);
    expect(await database.transaction((trx) => forgetDeletion(trx, second!))).toBe(true);
    expect(await waiting()).toBe(0);
  });

  test('lets a push fail that has moved its file and has not committed', async () => {
    const { goOn } = await fallAsleep();
    const key = await uploads.start(repository, null);
    // The session is taken, its digest is noted, and the third one commits.
    fixture.interruptions.beforeNth(3, goOn);
    const finishing = uploads.finish(key, digest, bodyOf(content));
    await expect(finishing).rejects.toMatchObject({ code: 'BLOB_UPLOAD_INVALID' });
    expect(fixture.interruptions.pending).toBe(0);
    await expect(blobs.get(repository, digest)).rejects.toThrow(unknown);
    await pushBlob(uploads, repository, content);
    await collect();
    expect(await read()).toBe(content);
  });
});

test('nothing more is deleted when half of the lease is over', async () => {
  const contents = Array.from({ length: 12 }, (_, index) => `content ${index}`);
  for (const each of contents) await pushBlob(uploads, repository, each);
  fixture.pass(reviewDelay);
  const { goOn } = await slowCollection(8);
  fixture.pass(lease / 2 + 1);
  expect(await goOn()).toMatchObject({ files: 8 });
  expect(await fixture.files()).toHaveLength(4);
  fixture.pass(lease / 2);
  expect(await collect()).toMatchObject({ files: 4 });
  expect(await fixture.files()).toEqual([]);
});

test('a push that is committed is a success, also where the end of its file cannot be noted', async () => {
  await pushBlob(uploads, repository, content);
  const key = await uploads.start(repository, null);
  for (const nth of [3, 4]) fixture.interruptions.failNth(nth);
  await uploads.finish(key, digest, bodyOf(content));
  expect(fixture.interruptions.pending).toBe(0);
  expect(await read()).toBe(content);
  fixture.pass(lease);
  await collect();
  expect(await waiting()).toBe(0);
});
