import { describe, expect, test } from 'vitest';

import { listFiles, patternBytes, readFile, writeFile } from './files.ts';
import type { Suite } from './suite.ts';

const MIB = 1024 * 1024;

export function describeAborting(suite: Suite): void {
  describe('abort signals', () => {
    test('every member rejects with the reason of a signal that is aborted already', async () => {
      const { driver } = suite;
      const reason = new Error('the client went away');
      const options = { signal: AbortSignal.abort(reason) };
      const file = suite.path('file');
      await writeFile(driver, file, Buffer.from('kept'));
      await expect(driver.stat(file, options)).rejects.toBe(reason);
      await expect(readFile(driver, file, options)).rejects.toBe(reason);
      await expect(driver.append(file, options)).rejects.toBe(reason);
      await expect(driver.move(file, suite.path('to'), options)).rejects.toBe(reason);
      await expect(driver.delete(file, options)).rejects.toBe(reason);
      await expect(listFiles(driver, '', options)).rejects.toBe(reason);
      expect(await listFiles(driver, '')).toEqual([file]);
    });

    test('a read ends with the reason', async () => {
      const controller = new AbortController();
      const reason = new Error('the client went away');
      await writeFile(suite.driver, suite.path('big'), patternBytes(6 * MIB));
      let chunks = 0;
      const reading = async () => {
        for await (const _ of suite.driver.read(suite.path('big'), controller)) {
          chunks += 1;
          controller.abort(reason);
        }
      };
      await expect(reading()).rejects.toBe(reason);
      expect(chunks).toBe(1);
    });

    test('a writer takes no more, and keeps what had come', async () => {
      const controller = new AbortController();
      const reason = new Error('the client went away');
      const writer = await suite.driver.append(suite.path('upload'), controller);
      await writer.write(Buffer.from('received'));
      controller.abort(reason);
      await expect(writer.write(Buffer.from(' too late'))).rejects.toBe(reason);
      await writer.close();
      const next = await suite.driver.append(suite.path('upload'));
      expect(next.size).toBe('received'.length);
      await next.close({ sync: true });
      expect((await readFile(suite.driver, suite.path('upload'))).toString()).toBe('received');
    });
  });
}
