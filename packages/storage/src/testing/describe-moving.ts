import { describe, expect, test } from 'vitest';

import { listFiles, readFile, writeFile } from './files.ts';
import { expectCode, type Suite } from './suite.ts';

export function describeMoving(suite: Suite): void {
  describe('move', () => {
    test('makes the folders on the way', async () => {
      await writeFile(suite.driver, suite.path('from'), Buffer.from('content'));
      await suite.driver.move(suite.path('from'), suite.path('a/b/c/to'));
      expect(await listFiles(suite.driver, suite.path('a'))).toEqual([suite.path('a/b/c/to')]);
      expect(await suite.driver.stat(suite.path('from'))).toBeNull();
      expect((await readFile(suite.driver, suite.path('a/b/c/to'))).toString()).toBe('content');
    });

    test('replaces the file that is there', async () => {
      await writeFile(suite.driver, suite.path('from'), Buffer.from('new'));
      await writeFile(suite.driver, suite.path('to'), Buffer.from('old and longer'));
      await suite.driver.move(suite.path('from'), suite.path('to'));
      expect((await readFile(suite.driver, suite.path('to'))).toString()).toBe('new');
    });

    test('onto itself changes nothing', async () => {
      await writeFile(suite.driver, suite.path('file'), Buffer.from('same'));
      await suite.driver.move(suite.path('file'), suite.path('file'));
      expect((await readFile(suite.driver, suite.path('file'))).toString()).toBe('same');
    });

    test('of nothing is NOT_FOUND and leaves the target', async () => {
      await writeFile(suite.driver, suite.path('to'), Buffer.from('old'));
      await expectCode(suite.driver.move(suite.path('none'), suite.path('to')), 'NOT_FOUND');
      expect((await readFile(suite.driver, suite.path('to'))).toString()).toBe('old');
    });

    test('of a folder is NOT_FOUND', async () => {
      await writeFile(suite.driver, suite.path('folder/file'), Buffer.from('kept'));
      await expectCode(suite.driver.move(suite.path('folder'), suite.path('other')), 'NOT_FOUND');
      expect(await listFiles(suite.driver, suite.path('folder'))).toEqual([suite.path('folder/file')]);
    });
  });
}
