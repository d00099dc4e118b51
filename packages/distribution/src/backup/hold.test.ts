import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Collector } from '../collector/collector.ts';
import { blobPath } from '../layout.ts';
import { UploadStore } from '../stores/uploads.ts';
import { pushBlob, repositoryName } from '../testing/content.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { holdDeletions, holdTime } from './hold.ts';

const repository = repositoryName('team/app');

let fixture: Fixture;
let path: string;

beforeEach(async () => {
  fixture = await openFixture();
  const digest = await pushBlob(new UploadStore(fixture.context), repository, 'nobody needs this');
  path = blobPath(digest);
});

afterEach(async () => {
  vi.useRealTimers();
  await fixture.close();
});

const collect = () => {
  const far = Number.MAX_SAFE_INTEGER;
  return new Collector(fixture.context).run({ due: { before: far, usedBefore: far } });
};

const isStored = async () => (await fixture.context.storage.stat(path)) !== null;

test('nothing is deleted from storage while it lasts, and everything after it', async () => {
  await holdDeletions(fixture.context, async () => {
    expect(await collect()).toMatchObject({ blobs: 1, files: 0 });
    expect(await isStored()).toBe(true);
  });
  expect(await collect()).toMatchObject({ files: 1 });
  expect(await isStored()).toBe(false);
});

test('it ends with an error too', async () => {
  const failing = holdDeletions(fixture.context, () => Promise.reject(new Error('no space')));
  await expect(failing).rejects.toThrow('no space');
  expect(await collect()).toMatchObject({ files: 1 });
});

test('there is one at a time', async () => {
  await holdDeletions(fixture.context, async () => {
    const second = holdDeletions(fixture.context, async () => {});
    await expect(second).rejects.toMatchObject({ code: 'CONFLICT' });
  });
  await holdDeletions(fixture.context, async () => {});
});

test('it lasts for as long as the work, and ends by itself when that was killed', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const work = Promise.withResolvers<void>();
  const holding = holdDeletions(fixture.context, () => work.promise);
  for (let half = 0; half < 4; half += 1) {
    await expect.poll(() => vi.getTimerCount()).toBe(1);
    fixture.pass(holdTime / 2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await collect()).toMatchObject({ files: 0 });
  }
  vi.clearAllTimers();
  fixture.pass(holdTime - 1_000);
  expect(await collect()).toMatchObject({ files: 0 });
  fixture.pass(2_000);
  expect(await collect()).toMatchObject({ files: 1 });
  work.resolve();
  await holding;
});
