import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '@berth/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Collector } from '../collector/collector.ts';
import { collectGarbage } from '../collector/garbage-collect.ts';
import type { JobControl } from '../jobs/jobs.ts';
import { blobPath, uploadPath } from '../layout.ts';
import { quarantineFile } from '../metadata/integrity.ts';
import { findRepository, hideRepository } from '../metadata/repositories.ts';
import { BlobStore } from '../stores/blobs.ts';
import { ManifestStore } from '../stores/manifests.ts';
import { UploadStore } from '../stores/uploads.ts';
import {
  bodyOf,
  digestOfBytes,
  everything,
  imageOf,
  pushBlob,
  putOf,
  readBlob,
  repositoryName,
} from '../testing/content.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { checkStorage } from './check.ts';
import { verifyBlobs } from './verify.ts';
import { writeFile } from '@berth/storage/testing';

const repository = repositoryName('team/app');
const other = repositoryName('team/other');
const content = 'the content of a blob';
const control: JobControl = { signal: new AbortController().signal, report() {} };
const all = { percent: 100, rate: 0 };

let fixture: Fixture;
let uploads: UploadStore;
let blobs: BlobStore;
let manifests: ManifestStore;
let digest: Digest;

beforeEach(async () => {
  fixture = await openFixture();
  uploads = new UploadStore(fixture.context);
  blobs = new BlobStore(fixture.context);
  manifests = new ManifestStore(fixture.context, { layers: 'all', children: 'all' });
  digest = await pushBlob(uploads, repository, content);
  await pushBlob(uploads, repository, 'another one');
});

afterEach(() => fixture.close());

const replace = async (bytes: string) => {
  await fixture.context.storage.delete(blobPath(digest));
  await writeFile(fixture.context.storage, blobPath(digest), Buffer.from(bytes));
};

/** Blobs that no repository holds. */
const collectAll = () =>
  new Collector(fixture.context).run({ due: { before: Number.MAX_SAFE_INTEGER, usedBefore: 0 } });

const forecast = () =>
  collectGarbage(fixture.context, { dryRun: true, deleteUntagged: false, includeRecent: false }, control);

const damages = {
  'has other bytes': () => replace('the content of a blab'),
  'is shorter': () => replace('the content'),
  'is longer': () => replace(`${content}!`),
  'is empty': () => replace(''),
  'is missing': () => fixture.context.storage.delete(blobPath(digest)),
};

describe('a blob that', () => {
  test.for(Object.entries(damages))(
    '%s is found, does not exist then, and a push heals it',
    async ([, damage]) => {
      await manifests.put(putOf(repository, imageOf(digest), 'v1'));
      await pushBlob(uploads, other, content);
      await damage();
      const report = await verifyBlobs(fixture.context, all, control);
      expect(report).toMatchObject({
        blobs: 2,
        damaged: [{ digest, repositories: [repository, other] }],
        healed: [],
      });
      const unknown = expect.objectContaining({ code: 'BLOB_UNKNOWN' });
      await expect(blobs.get(repository, digest)).rejects.toThrow(unknown);
      expect(await blobs.mount(digest, { readable: everything }, other)).toBe(false);
      const again = manifests.put(putOf(repository, imageOf(digest, [], { annotations: { a: 'b' } })));
      await expect(again).rejects.toMatchObject({ code: 'MANIFEST_BLOB_UNKNOWN' });

      await pushBlob(uploads, other, content);
      expect(await readBlob(blobs, other, digest)).toBe(content);
      expect(await readBlob(blobs, repository, digest)).toBe(content);
      expect(await verifyBlobs(fixture.context, all, control)).toMatchObject({ damaged: [], healed: [] });
    },
  );
});

describe('a blob that changes while it is read', () => {
  test('and was pushed again is not put into quarantine for its old bytes', async () => {
    await replace('the content of a blab');
    await verifyBlobs(fixture.context, all, control);
    fixture.interruptions.beforeNth(1, () => pushBlob(uploads, repository, content));
    expect(await verifyBlobs(fixture.context, all, control)).toMatchObject({ damaged: [] });
    expect(fixture.interruptions.pending).toBe(0);
    expect(await readBlob(blobs, repository, digest)).toBe(content);
  });

  test('and was collected, and pushed again, is not put into quarantine since its file was missing', async () => {
    await fixture.context.storage.delete(blobPath(digest));
    fixture.interruptions.beforeNth(1, async () => {
      await blobs.remove(repository, digest);
      await collectAll();
      fixture.pass(1);
      await pushBlob(uploads, repository, content);
    });
    expect(await verifyBlobs(fixture.context, all, control)).toMatchObject({ damaged: [] });
    expect(fixture.interruptions.pending).toBe(0);
    expect(await readBlob(blobs, repository, digest)).toBe(content);
  });

  test('and was collected is not reported', async () => {
    const [first, second] = [digest, digestOfBytes('another one')].toSorted() as [Digest, Digest];
    await fixture.context.storage.delete(blobPath(first));
    fixture.interruptions.beforeNth(1, async () => {
      await blobs.remove(repository, second);
      await collectAll();
    });
    const { damaged } = await verifyBlobs(fixture.context, all, control);
    expect(damaged.map((blob) => blob.digest)).toEqual([first]);
    expect(fixture.interruptions.pending).toBe(0);
  });
});

describe('verification', () => {
  test('finds nothing where nothing is wrong', async () => {
    const size = content.length + 'another one'.length;
    const of = { blobs: 2, bytes: size };
    expect(await verifyBlobs(fixture.context, all, control)).toEqual({
      blobs: 2,
      bytes: size,
      of,
      damaged: [],
      healed: [],
      unreadable: [],
    });
  });

  test('names no repository that was deleted', async () => {
    await pushBlob(uploads, other, content);
    await fixture.context.database.transaction(async (trx) => {
      await hideRepository(trx, (await findRepository(trx, other))!.id);
    });
    await replace('damaged');
    const { damaged } = await verifyBlobs(fixture.context, all, control);
    expect(damaged).toMatchObject([{ digest, repositories: [repository] }]);
  });

  test('changes nothing where storage does not say', async () => {
    fixture.faults.failAlways('read', 'IO_ERROR', blobPath(digest));
    const report = await verifyBlobs(fixture.context, all, control);
    expect(report).toMatchObject({ damaged: [], unreadable: [{ digest }] });
    fixture.faults.clear();
    expect(await readBlob(blobs, repository, digest)).toBe(content);
  });

  test('finds a row with another size, which clients would be told', async () => {
    const { database } = fixture.context;
    await database.transaction((trx) =>
      trx.updateTable('blob').set({ size: 5 }).where('digest', '=', digest).execute(),
    );
    const reason = `it has ${content.length} bytes and not 5`;
    expect(await verifyBlobs(fixture.context, all, control)).toMatchObject({ damaged: [{ digest, reason }] });
  });

  test('lets a blob out of quarantine whose bytes came back', async () => {
    await fixture.context.storage.move(blobPath(digest), 'aside');
    await verifyBlobs(fixture.context, all, control);
    await fixture.context.storage.move('aside', blobPath(digest));
    expect(await verifyBlobs(fixture.context, { percent: 0.0001, rate: 0 }, control)).toMatchObject({
      healed: [digest],
    });
    expect(await readBlob(blobs, repository, digest)).toBe(content);
  });

  test('reads a sample, and no faster than it may', async () => {
    await Promise.all(
      Array.from({ length: 60 }, (_, index) => pushBlob(uploads, repository, `${index}`.repeat(100))),
    );
    const { blobs: read, of } = await verifyBlobs(fixture.context, { percent: 50, rate: 0 }, control);
    expect(of.blobs).toBe(62);
    expect(read).toBeGreaterThan(5);
    expect(read).toBeLessThan(57);
    const start = performance.now();
    const { bytes } = await verifyBlobs(fixture.context, { percent: 100, rate: 50_000 }, control);
    expect(performance.now() - start).toBeGreaterThan((bytes / 50_000) * 1000 * 0.9);
  });

  test('that is stopped lets nothing out of quarantine that is damaged', async () => {
    const { storage } = fixture.context;
    await storage.delete(blobPath(digest));
    await verifyBlobs(fixture.context, all, control);
    const stop = new AbortController();
    const read: typeof storage.read = async function* (path) {
      try {
        yield* storage.read(path);
      } finally {
        if (path === blobPath(digest)) stop.abort();
      }
    };
    const stopped = { signal: stop.signal, report() {} };
    const report = await verifyBlobs({ ...fixture.context, storage: { ...storage, read } }, all, stopped);
    expect({ healed: report.healed, stopped: stop.signal.aborted }).toEqual({ healed: [], stopped: true });
    await expect(blobs.get(repository, digest)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
  });

  test('stops when it is told to', async () => {
    const stop = new AbortController();
    const report = () => stop.abort();
    expect(await verifyBlobs(fixture.context, all, { signal: stop.signal, report })).toMatchObject({
      blobs: 1,
    });
  });
});

describe('a check', () => {
  const clean = {
    forgottenLinks: 0,
    forgottenBlobs: 0,
    unknownFiles: { count: 0, first: [] },
    damagedBlobs: { count: 0, first: [] },
  };

  test('finds nothing where nothing is wrong, also while uploads are open', async () => {
    const key = await uploads.start(repository, null);
    await uploads.append(key, bodyOf('half'));
    await manifests.put(putOf(repository, imageOf(digest), 'v1'));
    expect(await checkStorage(fixture.context, control)).toEqual(clean);
  });

  test('finds what was forgotten, once', async () => {
    const { database } = fixture.context;
    await database.transaction(async (trx) => {
      await trx.deleteFrom('link_review').execute();
    });
    expect(await checkStorage(fixture.context, control)).toEqual({ ...clean, forgottenLinks: 2 });
    await database.transaction(async (trx) => {
      await trx.deleteFrom('repository_blob').execute();
    });
    expect(await checkStorage(fixture.context, control)).toEqual({ ...clean, forgottenBlobs: 2 });
    expect(await checkStorage(fixture.context, control)).toEqual(clean);
  });

  test('finds nothing where a blob is collected meanwhile, or is about to be one', async () => {
    const key = await uploads.start(other, null);
    fixture.faults.delay('stat', 150);
    const checking = checkStorage(fixture.context, control);
    await sleep(60);
    await blobs.remove(repository, digest);
    await collectAll();
    expect(await checking).toEqual(clean);
    fixture.faults.clear();
    // The file is in its place, and not yet a blob.
    let found: unknown;
    fixture.interruptions.beforeNth(3, async () => (found = await checkStorage(fixture.context, control)));
    await uploads.finish(key, digest, bodyOf(content));
    expect(found).toEqual(clean);
  });

  test('finds no file without a row where a blob is collected and pushed again meanwhile', async () => {
    const { storage } = fixture.context;
    const mine = (path: string) => path === blobPath(digest);
    const list: typeof storage.list = async function* (folder, options) {
      for await (const path of storage.list(folder, options)) {
        if (mine(path)) {
          await blobs.remove(repository, digest);
          await collectAll();
        }
        yield path;
      }
    };
    const stat: typeof storage.stat = async (path, options) => {
      if (mine(path) && (await storage.stat(path)) === null) await pushBlob(uploads, repository, content);
      return storage.stat(path, options);
    };
    const context = { ...fixture.context, storage: { ...storage, list, stat } };
    expect(await checkStorage(context, control)).toEqual(clean);
    expect(await readBlob(blobs, repository, digest)).toBe(content);
  });

  test('and a dry run find nothing of a blob that is about to come again', async () => {
    await blobs.remove(repository, digest);
    const { context, interruptions } = fixture;
    await context.database.transaction((trx) => quarantineFile(trx, blobPath(digest), 0));
    const found: unknown[] = [];
    // The session begins, is taken, notes its digest, and the fourth one commits.
    interruptions.beforeNth(4, async () => {
      found.push((await forecast()).blobs);
      await collectAll();
      found.push(await checkStorage(context, control));
    });
    await pushBlob(uploads, repository, content);
    expect(interruptions.pending).toBe(0);
    expect(found).toEqual([0, clean]);
    expect(await readBlob(blobs, repository, digest)).toBe(content);
  });

  test('does not name again what is in quarantine', async () => {
    await fixture.context.storage.delete(blobPath(digest));
    await verifyBlobs(fixture.context, all, control);
    const { damagedBlobs } = await checkStorage(fixture.context, control);
    expect(damagedBlobs.count).toBe(0);
  });

  test('finds files without a row, and rows without a file', async () => {
    const stray = [blobPath(`sha256:${'a'.repeat(64)}` as Digest), uploadPath(crypto.randomUUID())];
    for (const path of stray) await writeFile(fixture.context.storage, path, Buffer.from('stray'));
    await fixture.context.storage.delete(blobPath(digest));
    expect(await checkStorage(fixture.context, control)).toEqual({
      ...clean,
      unknownFiles: { count: 2, first: stray },
      damagedBlobs: { count: 1, first: [digest] },
    });
  });
});
