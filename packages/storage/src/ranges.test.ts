import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { checkRange, rangeWithin } from './ranges.ts';

test('a range gives the bytes that Buffer.subarray gives', () => {
  const bytes = Buffer.from('0123456789');
  fc.assert(
    fc.property(fc.nat(10), fc.nat(20), (start, length) => {
      const options = { start, end: start + length };
      checkRange(options);
      const range = rangeWithin(bytes.length, options);
      expect(bytes.subarray(range.start, range.end)).toEqual(bytes.subarray(start, start + length));
      expect(range.end).toBeLessThanOrEqual(bytes.length);
    }),
  );
});
