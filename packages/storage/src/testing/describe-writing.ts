import { describe, expect, test } from 'vitest';

import { patternBytes, readFile, writeFile } from './files.ts';
import { expectCode, type Suite } from './suite.ts';

const MIB = 1024 * 1024;

export function describeWriting(suite: Suite): void {
  describe('append', () => {
    describeResuming(suite);

    test('many small chunks become one file', async () => {
      const bytes = patternBytes(5_000);
      const chunks = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
      await writeFile(suite.driver, suite.path('small'), ...chunks, new Uint8Array(0));
      expect(bytes.equals(await readFile(suite.driver, suite.path('small')))).toBe(true);
    });

    test('size counts what was received', async () => {
      const writer = await suite.driver.append(suite.path('deep/in/folders/file'));
      expect(writer.size).toBe(0);
      await writer.write(Buffer.from('abc'));
      expect(writer.size).toBe(3);
      await writer.write(Buffer.from('de'));
      expect(writer.size).toBe(5);
      await writer.close({ sync: true });
      expect(writer.size).toBe(5);
    });

    test('a closed writer takes nothing, and closing again answers as the first time did', async () => {
      const writer = await suite.driver.append(suite.path('file'));
      await writer.close({ sync: true });
      await writer.close({ sync: true });
      await writer.close();
      await expectCode(writer.write(Buffer.from('late')), 'IO_ERROR');
      expect(await suite.driver.stat(suite.path('file'))).toEqual({ size: 0 });
    });

    test('what was closed without sync cannot be synced by closing again', async () => {
      const writer = await suite.driver.append(suite.path('file'));
      await writer.close();
      await expectCode(writer.close({ sync: true }), 'IO_ERROR');
    });

    test('calls that do not wait for each other keep their order', async () => {
      const bytes = patternBytes(3 * MIB);
      const writer = await suite.driver.append(suite.path('file'));
      const writes = [0, 1, 2].map((part) => writer.write(bytes.subarray(part * MIB, (part + 1) * MIB)));
      await Promise.all([...writes, writer.close({ sync: true })]);
      expect(bytes.equals(await readFile(suite.driver, suite.path('file')))).toBe(true);
    });
  });
}

function describeResuming(suite: Suite): void {
  test('a second writer goes on where the first one closed', async () => {
    const first = await suite.driver.append(suite.path('upload'));
    await first.write(Buffer.from('hello '));
    await first.close();
    const second = await suite.driver.append(suite.path('upload'));
    expect(second.size).toBe(6);
    await second.write(Buffer.from('world'));
    await second.close({ sync: true });
    expect((await readFile(suite.driver, suite.path('upload'))).toString()).toBe('hello world');
  });

  test('a file of many writers, over the size of any buffer', async () => {
    const bytes = patternBytes(7 * MIB);
    let position = 0;
    for (const length of [1, MIB - 1, 3 * MIB, 10, 2 * MIB]) {
      const writer = await suite.driver.append(suite.path('upload'));
      expect(writer.size).toBe(position);
      await writer.write(bytes.subarray(position, position + length));
      await writer.close();
      position += length;
    }
    await writeFile(suite.driver, suite.path('upload'), bytes.subarray(position));
    expect(bytes.equals(await readFile(suite.driver, suite.path('upload')))).toBe(true);
  });
}
