import { describe, expect, test } from 'vitest';

import { listFiles, readFile, writeFile } from './files.ts';
import { expectCode, type Suite } from './suite.ts';

const INVALID_PATHS = [
  '',
  '.',
  '..',
  '/',
  '/absolute',
  '//host/share',
  'trailing/',
  'double//slash',
  './here',
  '../outside',
  'a/../../outside',
  'a/./b',
  'a\\b',
  '..\\outside',
  'C:\\file',
  'a\0b',
  'a b',
  'a\nb',
  'größe',
  '%2e%2e/outside',
  'x'.repeat(256),
  Array.from({ length: 385 }, () => 'x').join('/'),
];

export function describeChecking(suite: Suite): void {
  describe('paths', () => {
    test.for(INVALID_PATHS)('%j is refused by every member', async (path) => {
      const { driver } = suite;
      const good = suite.path('good');
      await writeFile(driver, good, Buffer.from('good'));
      await expectCode(driver.stat(path), 'INVALID_PATH');
      await expectCode(readFile(driver, path), 'INVALID_PATH');
      await expectCode(driver.append(path), 'INVALID_PATH');
      await expectCode(driver.move(path, good), 'INVALID_PATH');
      await expectCode(driver.move(good, path), 'INVALID_PATH');
      await expectCode(driver.delete(path), 'INVALID_PATH');
      if (path !== '') await expectCode(listFiles(driver, path), 'INVALID_PATH');
      expect(await listFiles(driver, '')).toEqual([good]);
    });

    test.for(['.hidden', '...', '-', 'a..b', 'A-Z_0.9', 'x'.repeat(255)])('%j is a name', async (name) => {
      await writeFile(suite.driver, suite.path(name), Buffer.from(name));
      expect(await listFiles(suite.driver, '')).toEqual([suite.path(name)]);
    });
  });
}
