import { describe, expect, test } from 'vitest';

import { listFiles, writeFile } from './files.ts';
import type { Suite } from './suite.ts';

export function describeFolders(suite: Suite): void {
  const write = async (...names: string[]) => {
    for (const name of names) await writeFile(suite.driver, suite.path(name), Buffer.from(name));
  };
  const list = (name: string) => listFiles(suite.driver, suite.path(name));

  describe('list', () => {
    test('names every file below a folder, at any depth', async () => {
      await write('a/1', 'a/b/2', 'a/b/c/3', 'other/4');
      expect(await list('a')).toEqual(['a/1', 'a/b/2', 'a/b/c/3'].map(suite.path));
      expect(await listFiles(suite.driver, '')).toHaveLength(4);
    });

    test('a prefix is a folder, not the beginning of a name', async () => {
      await write('a/1', 'ab/2', 'a.b');
      expect(await list('a')).toEqual([suite.path('a/1')]);
    });

    test('is empty where there is no folder', async () => {
      await write('file');
      expect(await list('none')).toEqual([]);
      expect(await list('file')).toEqual([]);
    });

    test('may be stopped early', async () => {
      await write('a/1', 'a/2', 'a/b/3');
      for await (const path of suite.driver.list(suite.path('a'))) {
        expect(path).toContain(suite.path('a'));
        break;
      }
    });
  });

  describe('delete', () => {
    test('a file, and nothing beside it', async () => {
      await write('a', 'ab', 'a.b');
      await suite.driver.delete(suite.path('a'));
      expect(await listFiles(suite.driver, '')).toEqual(['a.b', 'ab'].map(suite.path));
    });

    test('a folder with everything in it', async () => {
      await write('a/1', 'a/b/2', 'ab/3');
      await suite.driver.delete(suite.path('a'));
      expect(await listFiles(suite.driver, '')).toEqual([suite.path('ab/3')]);
    });

    test('nothing, as often as one likes', async () => {
      await write('file');
      await suite.driver.delete(suite.path('none'));
      await suite.driver.delete(suite.path('none/below'));
      await suite.driver.delete(suite.path('file/below'));
      await suite.driver.delete(suite.path('file'));
      await suite.driver.delete(suite.path('file'));
    });

    test('a path can be used again', async () => {
      await write('a/file');
      await suite.driver.delete(suite.path('a'));
      await write('a/file');
      expect(await list('a')).toEqual([suite.path('a/file')]);
    });
  });
}
