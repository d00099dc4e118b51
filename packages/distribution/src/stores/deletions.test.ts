import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Collector } from '../collector/collector.ts';
import { countQueues } from '../metadata/reviews.ts';
import { bodyOf, digestOfBytes, pushBlob, readBlob, repositoryName } from '../testing/content.ts';
import { openFixture, reviewDelay, type Fixture } from '../testing/fixture.ts';
import { BlobStore } from './blobs.ts';
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

const read = () => readBlob(blobs, repository, digest);
const unknown = expect.objectContaining({ code: 'BLOB_UNKNOWN' });

const collect = () => {
  const now = fixture.context.now();
  return new Collector(fixture.context).run({ due: { before: now, usedBefore: now } });
};

const waiting = async () => (await countQueues(fixture.context.database.reader)).deletions;

/** A collection that falls asleep when it is about to delete the file, until its lease is over. */
async function fallAsleep(): Promise<Promise<unknown>[]> {
  await pushBlob(uploads, repository, content);
  fixture.pass(reviewDelay);
  fixture.faults.delay('delete', 150, /^docker/);
  const collecting = collect();
  while ((await waiting()) === 0) await sleep(1);
  await sleep(10);
  fixture.pass(lease + 1);
  return [collecting];
}

describe('a deletion that ends after its lease', () => {
  test('takes no blob that was pushed meanwhile for there: it has to be pushed again', async () => {
    const asleep = await fallAsleep();
    await pushBlob(uploads, repository, content);
    expect(await read()).toBe(content);
    await Promise.all(asleep);
    expect(await fixture.files()).toEqual([]);
    await expect(blobs.get(repository, digest)).rejects.toThrow(unknown);
    await pushBlob(uploads, repository, content);
    expect(await read()).toBe(content);
  });

  test('lets a push fail that has moved its file and has not committed', async () => {
    const asleep = await fallAsleep();
    const key = await uploads.start(repository, null);
    // The session is taken, its digest is noted, and the third one commits.
    fixture.interruptions.beforeNth(3, () => Promise.all(asleep));
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
  fixture.faults.delay('delete', 50, /^docker/);
  const collecting = collect();
  while ((await waiting()) < contents.length) await sleep(1);
  await sleep(10);
  fixture.pass(lease / 2 + 1);
  expect(await collecting).toMatchObject({ files: 8 });
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
