import { expect, test } from 'vitest';

import { MOST_PARTS, partSize } from './part-sizes.ts';

const MIB = 1024 ** 2;
const TIB = 1024 ** 4;

test.for([
  [1, 10],
  [1000, 10],
  [1001, 20],
  [2001, 40],
  [10_000, 5120],
])('part %i has %i MiB', ([number, size]) => {
  expect(partSize(10 * MIB, number!)).toBe(size! * MIB);
});

test.for([5, 10, 100, 5120])('with parts of %i MiB at first 5 TiB fit, and no part is over 5 GiB', (size) => {
  const sizes = Array.from({ length: MOST_PARTS }, (_, index) => partSize(size * MIB, index + 1));
  expect(sizes.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(size === 5 ? 4.8 * TIB : 5 * TIB);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(5120 * MIB);
});
