import { describe, expect, test } from 'vitest';

import { listFiles, patternBytes, readFile, writeFile } from './files.ts';
import type { Suite } from './suite.ts';

const MIB = 1024 * 1024;
const MANY = Array.from({ length: 16 }, (_, index) => index);

export function describeConcurrency(suite: Suite): void {
  describe('at the same time', () => {
    test('files are written and moved into the same new folders', async () => {
      const push = async (index: number) => {
        const bytes = Buffer.from(`content ${index}`);
        await writeFile(suite.driver, suite.path(`uploads/${index}/data`), bytes);
        await suite.driver.move(suite.path(`uploads/${index}/data`), suite.path(`new/blobs/${index}`));
        return (await readFile(suite.driver, suite.path(`new/blobs/${index}`))).equals(bytes);
      };
      expect(await Promise.all(MANY.map(push))).toEqual(MANY.map(() => true));
      expect(await listFiles(suite.driver, '')).toHaveLength(MANY.length);
    });

    test('readers of different files each get their own bytes', async () => {
      const contents = MANY.slice(0, 6).map((index) => Buffer.alloc(2 * MIB + index, index + 1));
      const file = (index: number) => suite.path(`${index}`);
      await Promise.all(contents.map((bytes, index) => writeFile(suite.driver, file(index), bytes)));
      const read = await Promise.all(contents.map((_, index) => readFile(suite.driver, file(index))));
      expect(read.map((bytes, index) => bytes.equals(contents[index]!))).toEqual(contents.map(() => true));
    });

    test('readers of one file do not disturb each other', async () => {
      const bytes = patternBytes(3 * MIB);
      await writeFile(suite.driver, suite.path('big'), bytes);
      const starts = [0, 1, MIB - 1, 2 * MIB, 3 * MIB - 1, 3 * MIB];
      const read = await Promise.all(
        starts.map((start) => readFile(suite.driver, suite.path('big'), { start })),
      );
      const right = read.map((part, index) => part.equals(bytes.subarray(starts[index])));
      expect(right).toEqual(starts.map(() => true));
    });

    test('the same file is deleted by all', async () => {
      await writeFile(suite.driver, suite.path('folder/file'), Buffer.from('gone'));
      await Promise.all(MANY.map(() => suite.driver.delete(suite.path('folder'))));
      expect(await listFiles(suite.driver, '')).toEqual([]);
    });

    test('of many moves to one path one wins, whole', async () => {
      const contents = MANY.map((index) => Buffer.alloc(1000 + index, index));
      const from = (index: number) => suite.path(`from/${index}`);
      await Promise.all(contents.map((bytes, index) => writeFile(suite.driver, from(index), bytes)));
      await Promise.all(MANY.map((index) => suite.driver.move(from(index), suite.path('to'))));
      const winner = await readFile(suite.driver, suite.path('to'));
      expect(contents.some((bytes) => bytes.equals(winner))).toBe(true);
    });
  });
}
