import { describe, expect, test } from 'vitest';

import { listFiles, patternBytes, readFile, writeFile } from './files.ts';
import type { Suite } from './suite.ts';

const MIB = 1024 * 1024;
const SHORT = 1000;
const LONG = 12 * MIB;

/** Files that no writer has closed with `sync` yet. */
export function describeUnfinished(suite: Suite): void {
  const begin = async (bytes: Uint8Array) => {
    const writer = await suite.driver.append(suite.path('folder/upload'));
    await writer.write(bytes);
    await writer.close();
  };

  describe.for([SHORT, LONG])('an unfinished file of %i bytes', (size) => {
    test('has a stat and is listed', async () => {
      await begin(patternBytes(size));
      expect(await suite.driver.stat(suite.path('folder/upload'))).toEqual({ size });
      expect(await listFiles(suite.driver, suite.path('folder'))).toEqual([suite.path('folder/upload')]);
    });

    test('can be read, also by who has just opened it to go on', async () => {
      const bytes = patternBytes(size + LONG);
      await begin(bytes.subarray(0, size));
      const writer = await suite.driver.append(suite.path('folder/upload'));
      const read = await readFile(suite.driver, suite.path('folder/upload'));
      expect(read.equals(bytes.subarray(0, size))).toBe(true);
      await writer.write(bytes.subarray(size));
      await writer.close({ sync: true });
      expect(bytes.equals(await readFile(suite.driver, suite.path('folder/upload')))).toBe(true);
    });

    test('is finished without another byte', async () => {
      const bytes = patternBytes(size);
      await begin(bytes);
      await writeFile(suite.driver, suite.path('folder/upload'));
      expect(bytes.equals(await readFile(suite.driver, suite.path('folder/upload')))).toBe(true);
    });

    test('is moved', async () => {
      const bytes = patternBytes(size);
      await begin(bytes);
      await suite.driver.move(suite.path('folder/upload'), suite.path('to'));
      expect(bytes.equals(await readFile(suite.driver, suite.path('to')))).toBe(true);
      expect(await listFiles(suite.driver, '')).toEqual([suite.path('to')]);
    });

    test.for(['folder', 'folder/upload'])('is deleted by the path %s', async (path) => {
      await begin(patternBytes(size));
      await suite.driver.delete(suite.path(path));
      expect(await suite.driver.stat(suite.path('folder/upload'))).toBeNull();
    });
  });

  test('a finished file goes on', async () => {
    const bytes = patternBytes(2 * LONG);
    await writeFile(suite.driver, suite.path('file'), bytes.subarray(0, LONG));
    await writeFile(suite.driver, suite.path('file'), bytes.subarray(LONG));
    expect(bytes.equals(await readFile(suite.driver, suite.path('file')))).toBe(true);
  });
}
