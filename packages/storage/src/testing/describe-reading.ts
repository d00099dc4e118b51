import { setTimeout as wait } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { patternBytes, readFile, writeFile } from './files.ts';
import { expectCode, type Suite } from './suite.ts';

const MIB = 1024 * 1024;
const DIGITS = Buffer.from('0123456789');

export function describeReading(suite: Suite): void {
  describe('read and stat', () => {
    describeRanges(suite);
    describeBigFiles(suite);

    test('a file that does not exist has no stat and cannot be read', async () => {
      expect(await suite.driver.stat(suite.path('none'))).toBeNull();
      await expectCode(readFile(suite.driver, suite.path('none')), 'NOT_FOUND');
    });

    test('a folder is not a file', async () => {
      await writeFile(suite.driver, suite.path('folder/file'), DIGITS);
      expect(await suite.driver.stat(suite.path('folder'))).toBeNull();
      await expectCode(readFile(suite.driver, suite.path('folder')), 'NOT_FOUND');
    });

    test('nothing lies below a file', async () => {
      await writeFile(suite.driver, suite.path('file'), DIGITS);
      expect(await suite.driver.stat(suite.path('file/below'))).toBeNull();
      await expectCode(readFile(suite.driver, suite.path('file/below')), 'NOT_FOUND');
    });

    test('an empty file', async () => {
      await writeFile(suite.driver, suite.path('empty'));
      expect(await suite.driver.stat(suite.path('empty'))).toEqual({ size: 0 });
      expect(await readFile(suite.driver, suite.path('empty'))).toHaveLength(0);
    });
  });
}

function describeRanges(suite: Suite): void {
  test.for([
    { range: {}, expected: '0123456789' },
    { range: { start: 0 }, expected: '0123456789' },
    { range: { start: 3 }, expected: '3456789' },
    { range: { end: 3 }, expected: '012' },
    { range: { start: 3, end: 5 }, expected: '34' },
    { range: { start: 9, end: 10 }, expected: '9' },
    { range: { start: 5, end: 5 }, expected: '' },
    { range: { start: 10 }, expected: '' },
    { range: { start: 8, end: 99 }, expected: '89' },
  ])('of ten digits $range is "$expected"', async ({ range, expected }) => {
    await writeFile(suite.driver, suite.path('digits'), DIGITS);
    expect((await readFile(suite.driver, suite.path('digits'), range)).toString()).toBe(expected);
  });

  test.for([
    { start: 11 },
    { start: 11, end: 12 },
    { start: 5, end: 4 },
    { start: -1 },
    { start: 0.5 },
    { start: Number.NaN },
    { end: -1 },
    { end: Number.POSITIVE_INFINITY },
  ])('of ten digits %o is no range', async (range) => {
    await writeFile(suite.driver, suite.path('digits'), DIGITS);
    await expectCode(readFile(suite.driver, suite.path('digits'), range), 'INVALID_RANGE');
  });
}

function describeBigFiles(suite: Suite): void {
  test('a file of several MiB comes back as it was, whole and in part', async () => {
    const bytes = patternBytes(5 * MIB + 321);
    await writeFile(suite.driver, suite.path('big'), bytes);
    expect(await suite.driver.stat(suite.path('big'))).toEqual({ size: bytes.length });
    expect(bytes.equals(await readFile(suite.driver, suite.path('big')))).toBe(true);
    const range = { start: MIB - 7, end: 3 * MIB + 9 };
    const part = await readFile(suite.driver, suite.path('big'), range);
    expect(part.equals(bytes.subarray(range.start, range.end))).toBe(true);
  });

  test('a chunk stays as it is until the next one is asked for', async () => {
    const bytes = patternBytes(4 * MIB);
    await writeFile(suite.driver, suite.path('big'), bytes);
    let position = 0;
    for await (const chunk of suite.driver.read(suite.path('big'))) {
      if (position < 3 * MIB) await wait(5);
      expect(bytes.subarray(position, position + chunk.length).equals(chunk)).toBe(true);
      position += chunk.length;
    }
    expect(position).toBe(bytes.length);
  });

  test('a reader may stop early', async () => {
    await writeFile(suite.driver, suite.path('big'), patternBytes(4 * MIB));
    for await (const chunk of suite.driver.read(suite.path('big'))) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  });
}
