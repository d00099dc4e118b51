import type { ReadOptions } from './driver.ts';
import { StorageError } from './errors.ts';

/** From `start` up to and without `end`, in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Throws `INVALID_RANGE` where `options` is a range of no file, whatever its size. */
export function checkRange({ start = 0, end = start }: ReadOptions): void {
  if (!Number.isSafeInteger(start) || start < 0 || !Number.isSafeInteger(end) || end < start) {
    throw new StorageError('INVALID_RANGE', `not a range of bytes: from ${start} to ${end}`);
  }
}

/** The bytes that `options` asks of a file of `size` bytes. Throws `INVALID_RANGE` where `start` lies behind them. */
export function rangeWithin(size: number, { start = 0, end = size }: ReadOptions = {}): ByteRange {
  if (start > size) {
    throw new StorageError('INVALID_RANGE', `the range starts at ${start} of ${size} bytes`);
  }
  return { start, end: Math.min(end, size) };
}
