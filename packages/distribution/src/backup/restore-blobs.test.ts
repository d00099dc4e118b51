import { memoryDriver, type StorageDriver } from '@berth/storage';
import { listFiles, readFile, writeFile } from '@berth/storage/testing';
import type { Digest } from '@berth/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyBlobs } from '../integrity/verify.ts';
import { blobPath } from '../layout.ts';
import { BlobStore } from '../stores/blobs.ts';
import { UploadStore } from '../stores/uploads.ts';
import { pushBlob, readBlob, repositoryName } from '../testing/content.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { backUpBlobs } from './back-up-blobs.ts';
import { hasBlobs, restoreBlobs, type RestoreOptions } from './restore-blobs.ts';

const repository = repositoryName('team/app');
const contents = ['first', 'second', 'x'.repeat(200_000)];
const rest = { verify: false, signal: new AbortController().signal, progress: () => {} };

let fixture: Fixture;
let folder: StorageDriver;
let storage: StorageDriver;
let digests: Digest[];

/** The database stays and stands for its copy; storage is a new one. */
beforeEach(async () => {
  fixture = await openFixture();
  folder = memoryDriver();
  storage = memoryDriver();
  digests = [];
  const uploads = new UploadStore(fixture.context);
  for (const content of contents) digests.push(await pushBlob(uploads, repository, content));
  const { database } = fixture.context;
  await backUpBlobs(database.reader, { storage: fixture.context.storage, folder, ...rest });
});

afterEach(() => fixture.close());

const bring = (more: Partial<RestoreOptions> = {}) =>
  restoreBlobs(fixture.context.database, { storage, folder, ...rest, ...more });

const restored = () => ({ ...fixture.context, storage });
const control = { signal: rest.signal, report: () => {} };
const verified = () => verifyBlobs(restored(), { percent: 100, rate: 0 }, control);

describe('a restore', () => {
  test('brings every blob to storage', async () => {
    expect(await hasBlobs(storage)).toBe(false);
    expect(await bring()).toMatchObject({ blobs: 3, copied: 3, lost: [] });
    expect(await verified()).toMatchObject({ blobs: 3, damaged: [] });
    expect(await listFiles(storage, '')).toEqual(digests.map(blobPath).sort());
    expect(await hasBlobs(storage)).toBe(true);
  });

  test('takes what is there already with the right size, or reads it', async () => {
    await writeFile(storage, blobPath(digests[0]!), Buffer.from('fiRst'));
    await writeFile(storage, blobPath(digests[1]!), Buffer.from('cut'));
    expect(await bring()).toMatchObject({ copied: 2, lost: [] });
    expect(await bring({ verify: true })).toMatchObject({ copied: 1, lost: [] });
    expect(await verified()).toMatchObject({ blobs: 3, damaged: [] });
  });

  test('writes to the place at once where a move is a copy', async () => {
    await writeFile(storage, blobPath(digests[1]!), Buffer.from('cut'));
    const moved: string[] = [];
    const adopting = {
      ...storage,
      adoptInPlace: true,
      move: (from: string) => Promise.reject(moved.push(from)),
    } as StorageDriver;
    expect(await bring({ storage: adopting })).toMatchObject({ copied: 3 });
    expect(moved).toEqual([]);
    expect(await verified()).toMatchObject({ blobs: 3, damaged: [] });
  });

  test('of a damaged backup leaves those blobs in quarantine, and a push brings them back', async () => {
    await folder.delete(`blobs/${blobPath(digests[0]!)}`);
    await folder.delete(`blobs/${blobPath(digests[1]!)}`);
    await writeFile(folder, `blobs/${blobPath(digests[1]!)}`, Buffer.from('sEcond'));
    const { lost } = await bring();
    expect(new Set(lost.map(({ digest }) => digest))).toEqual(new Set(digests.slice(0, 2)));
    expect(lost[0]?.repositories).toEqual([repository]);
    expect(await listFiles(storage, '')).toEqual([blobPath(digests[2]!)]);

    const blobs = new BlobStore(restored());
    const unknown = expect.objectContaining({ code: 'BLOB_UNKNOWN' });
    await expect(blobs.get(repository, digests[0]!)).rejects.toThrow(unknown);
    for (const content of contents) await pushBlob(new UploadStore(restored()), repository, content);
    expect(await readBlob(blobs, repository, digests[0]!)).toBe('first');
    expect(await verified()).toMatchObject({ blobs: 3, damaged: [] });
  });

  test('lets out of quarantine what the backup has whole', async () => {
    const { database } = fixture.context;
    await database.transaction((trx) => trx.updateTable('blob').set({ quarantined_at: 1 }).execute());
    await folder.delete(`blobs/${blobPath(digests[2]!)}`);
    expect(await bring()).toMatchObject({ copied: 2, lost: [], quarantined: 1 });
    const blobs = new BlobStore(restored());
    expect(await readBlob(blobs, repository, digests[0]!)).toBe('first');
    await expect(blobs.get(repository, digests[2]!)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
  });

  test('without blobs looks at those in storage', async () => {
    await writeFile(storage, blobPath(digests[0]!), Buffer.from('first'));
    const report = await bring({ folder: undefined });
    expect(report).toMatchObject({ blobs: 3, copied: 0, lost: [{}, {}] });
    expect((await readFile(storage, blobPath(digests[0]!))).toString()).toBe('first');
  });
});
