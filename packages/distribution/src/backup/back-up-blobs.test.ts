import { memoryDriver, type StorageDriver } from '@berth/storage';
import { faultDriver, listFiles, readFile, writeFile, type Faults } from '@berth/storage/testing';
import type { Digest } from '@berth/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { blobPath } from '../layout.ts';
import { UploadStore } from '../stores/uploads.ts';
import { digestOfBytes, pushBlob, repositoryName } from '../testing/content.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { backUpBlobs, oldBlobs, removeBlobs, writeBlobList, type BackUpOptions } from './back-up-blobs.ts';

const repository = repositoryName('team/app');
const contents = ['first', 'second', 'x'.repeat(200_000)];

let fixture: Fixture;
let folder: StorageDriver;
let faults: Faults;
let digests: Digest[];

beforeEach(async () => {
  fixture = await openFixture();
  ({ driver: folder, faults } = faultDriver(memoryDriver()));
  const uploads = new UploadStore(fixture.context);
  digests = [];
  for (const content of contents) digests.push(await pushBlob(uploads, repository, content));
});

afterEach(() => fixture.close());

const backUp = (more: Partial<BackUpOptions> = {}) =>
  backUpBlobs(fixture.context.database.reader, {
    storage: fixture.context.storage,
    folder,
    verify: false,
    signal: new AbortController().signal,
    progress: () => {},
    ...more,
  });

const placeOf = (digest: Digest) => `blobs/${blobPath(digest)}`;

const replace = async (driver: StorageDriver, path: string, content: string) => {
  await driver.delete(path);
  await writeFile(driver, path, Buffer.from(content));
};

const expectWhole = async () => {
  for (const [index, digest] of digests.entries())
    expect((await readFile(folder, placeOf(digest))).toString()).toBe(contents[index]);
};

describe('a backup of blobs', () => {
  test('has each under its path, and nothing else', async () => {
    const bytes = contents.join('').length;
    const all = { blobs: 3, bytes };
    const none = { lost: [], quarantined: 0 };
    expect(await backUp()).toEqual({ ...all, of: all, copied: 3, copiedBytes: bytes, ...none });
    await expectWhole();
    expect(await listFiles(folder, '')).toEqual(digests.map(placeOf).sort());
    expect(await backUp()).toEqual({ ...all, of: all, copied: 0, copiedBytes: 0, ...none });
  });

  test('removes what one that was cut off left, before it needs the room', async () => {
    await writeFile(folder, 'parts/half', Buffer.from('half a blob'));
    const left: string[][] = [];
    const append: StorageDriver['append'] = async (path, options) => {
      left.push(await listFiles(folder, 'parts'));
      return folder.append(path, options);
    };
    await backUp({ folder: { ...folder, append } });
    expect(left.flat()).not.toContain('parts/half');
    expect(left).toHaveLength(3);
  });

  test('copies what is new, and what has another size', async () => {
    await backUp();
    await replace(folder, placeOf(digests[0]!), 'cut');
    await folder.delete(placeOf(digests[1]!));
    expect(await backUp()).toMatchObject({ copied: 2, lost: [] });
    await expectWhole();
  });

  test('reads what is there already only where it is told to', async () => {
    await backUp();
    await replace(folder, placeOf(digests[0]!), 'fiRst');
    expect(await backUp()).toMatchObject({ copied: 0 });
    expect(await backUp({ verify: true })).toMatchObject({ copied: 1 });
    await expectWhole();
  });

  test('tells how far it is', async () => {
    const seen: number[] = [];
    await backUp({ progress: ({ bytes }) => seen.push(bytes) });
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(new Set(seen).size).toBeGreaterThan(4);
  });

  test('stops when it is told to', async () => {
    const stop = new AbortController();
    const stopped = backUp({ signal: stop.signal, progress: () => stop.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
  });
});

describe('a blob that is damaged in storage', () => {
  const storagePath = () => blobPath(digests[0]!);
  const damages = {
    'has other bytes': () => replace(fixture.context.storage, storagePath(), 'fiRst'),
    'has another size': () => replace(fixture.context.storage, storagePath(), 'firs'),
    'is missing': () => fixture.context.storage.delete(storagePath()),
    'cannot be read': async () => fixture.faults.failAlways('read', 'IO_ERROR', storagePath()),
    'breaks off': async () => fixture.faults.cutNext('read', 2, 'UNAVAILABLE', storagePath()),
  };

  test.for(Object.entries(damages))('and %s is told, and the others are copied', async ([, damage]) => {
    await damage();
    const report = await backUp();
    expect(report).toMatchObject({
      blobs: 3,
      copied: 2,
      lost: [{ digest: digests[0], repositories: [repository] }],
    });
    expect(await listFiles(folder, '')).toEqual(digests.slice(1).map(placeOf).sort());
  });

  test('leaves alone the copy of an earlier backup', async () => {
    await backUp();
    await damages['has other bytes']();
    expect(await backUp({ verify: true })).toMatchObject({ lost: [] });
    await expectWhole();
  });

  test('and known to be is counted apart', async () => {
    await fixture.context.database.transaction((trx) =>
      trx.updateTable('blob').set({ quarantined_at: 1 }).where('digest', '=', digests[0]!).execute(),
    );
    await damages['is missing']();
    expect(await backUp()).toMatchObject({ copied: 2, lost: [], quarantined: 1 });
  });
});

test.for(['append', 'write', 'close', 'move', 'stat', 'delete'] as const)(
  'where %s of the folder fails, it holds whole blobs only, and the next backup is whole',
  async (member) => {
    for (let nth = 1; ; nth += 1) {
      await folder.delete('blobs');
      faults.failNth(nth, member, 'NO_SPACE');
      const failed = await backUp().then(
        () => false,
        (error: { code: string }) => error.code === 'NO_SPACE',
      );
      const { pending } = faults;
      faults.clear();
      for (const path of await listFiles(folder, 'blobs'))
        expect(path).toBe(placeOf(digestOfBytes(await readFile(folder, path))));
      await backUp();
      await expectWhole();
      expect(await listFiles(folder, 'parts')).toEqual([]);
      if (pending > 0) return;
      expect(failed).toBe(true);
    }
  },
);

test('the list has a line a blob', async () => {
  const of = await writeBlobList(fixture.context.database.reader, folder, 'blobs.txt');
  expect(of).toEqual({ blobs: 3, bytes: contents.join('').length });
  const lines = digests.map((digest, index) => `${digest} ${contents[index]!.length} ${blobPath(digest)}\n`);
  expect((await readFile(folder, 'blobs.txt')).toString()).toBe(lines.sort().join(''));
});

test('what the registry does not have any more is found, and removed with its folder', async () => {
  await backUp();
  const { reader } = fixture.context.database;
  expect(await oldBlobs(reader, folder)).toEqual([]);
  const old = blobPath(digestOfBytes('old'));
  await writeFile(folder, `blobs/${old}`, Buffer.from('old'));
  expect(await oldBlobs(reader, folder)).toEqual([old]);
  await removeBlobs(folder, [old]);
  expect(await listFiles(folder, '')).toEqual(digests.map(placeOf).sort());
});
