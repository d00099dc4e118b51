import { expect, test } from 'vitest';

import { memoryDriver } from './memory-driver.ts';
import { describeStorageDriver, listFiles, writeFile } from './testing/index.ts';

describeStorageDriver('memoryDriver', () => ({ driver: memoryDriver(), keepsInMemory: true }));

test('every memory driver is a store of its own', async () => {
  const driver = memoryDriver();
  await writeFile(driver, 'a/file', Buffer.from('mine'));
  expect(await listFiles(memoryDriver(), '')).toEqual([]);
});

test('a chunk that is kept is wiped, so that tests above see the mistake', async () => {
  const driver = memoryDriver();
  await writeFile(driver, 'file', Buffer.from('kept'));
  const kept: Uint8Array[] = [];
  for await (const chunk of driver.read('file')) kept.push(chunk);
  expect(kept).toEqual([new Uint8Array(4)]);
});
