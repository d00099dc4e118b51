import { expect, test } from 'vitest';

import { BufferPool, LARGE_BYTES, SMALL_BYTES } from './buffer-pool.ts';

test('a large buffer is used again once it is reusable', () => {
  const pool = new BufferPool(2);
  const first = pool.take(LARGE_BYTES);
  pool.giveBack(first, { reusable: true });
  expect(pool.take(5 * LARGE_BYTES)).toBe(first);
});

test('a buffer that somebody may still look at is not used again', () => {
  const pool = new BufferPool(1);
  const first = pool.take(LARGE_BYTES);
  pool.giveBack(first, { reusable: false });
  const second = pool.take(LARGE_BYTES);
  expect(second).not.toBe(first);
  expect(second).toHaveLength(LARGE_BYTES);
});

test('when all large ones are lent there are small ones', () => {
  const pool = new BufferPool(1);
  const large = pool.take(LARGE_BYTES);
  expect(pool.take(LARGE_BYTES)).toHaveLength(SMALL_BYTES);
  pool.giveBack(large, { reusable: true });
  expect(pool.take(LARGE_BYTES)).toBe(large);
});

test('a small file has a buffer of its size', () => {
  expect(new BufferPool(1).take(10)).toHaveLength(10);
});
