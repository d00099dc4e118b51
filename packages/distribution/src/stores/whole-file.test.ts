import { memoryDriver } from '@berth/storage';
import { readFile } from '@berth/storage/testing';
import { expect, test } from 'vitest';
import { watchSyncs } from '../testing/unsynced.ts';
import { writeWhole } from './whole-file.ts';

test('a file is on the disk before it gets its name', async () => {
  const { storage, unsynced } = watchSyncs(memoryDriver());
  const move: typeof storage.move = async (...paths) => {
    expect([...unsynced]).toEqual([]);
    await storage.move(...paths);
  };
  const files = { path: 'a/file', part: 'parts/file' };
  await writeWhole({ ...storage, move }, files, async (write) => {
    await write(Buffer.from('bytes'));
    return true;
  });
  expect((await readFile(storage, 'a/file')).toString()).toBe('bytes');
});
