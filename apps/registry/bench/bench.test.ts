import { expect, test } from 'vitest';
import { bench } from './bench.ts';
import { benchCollection } from './collection/collection.ts';
import { parseOptions } from './options.ts';
import { findProgram } from './program.ts';
import { median } from './table.ts';

const wrk = await findProgram('wrk');

// wrk is not everywhere: its row is a test of its own, so that it is seen to be skipped.
test.skipIf(wrk === undefined)(
  'a row that reads gives a figure (needs wrk)',
  async () => {
    expect(await smoke('manifest-by-digest')).toMatch(/\| manifest by digest, .* \| +[\d,.]+ \([\d,.]+\) \|/);
  },
  60_000,
);

test('a row that pushes gives a figure', async () => {
  expect(await smoke('push-10kb')).toMatch(/\| push of images with one 10 kB layer, .* \| +[\d,.]+ \|/);
}, 60_000);

test('a collection beside pulls gives a figure', async () => {
  const text = await benchCollection({ blobs: 100 });
  expect(text).toContain('collected      50 blobs');
  expect(text.match(/ 0 failed/g)).toHaveLength(2);
}, 60_000);

test('names that do not exist are refused before anything starts', async () => {
  await expect(smoke('manifest')).rejects.toThrow('manifest: not one of manifest-by-tag');
  expect(() => parseOptions(['--rounds', '0'])).toThrow('--rounds 0');
});

test('the median of an even and of an odd number of figures', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, undefined]);
});

async function smoke(row: string): Promise<string> {
  const options = parseOptions(['--quick', '--only', 'berth', '--rows', row]);
  const told: string[] = [];
  const { text, failed } = await bench(options, {
    tell: () => undefined,
    signal: new AbortController().signal,
  });
  expect(failed, told.join('\n')).toBe(false);
  return text;
}
