import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChunkRange, parseRanges, receivedRange } from './ranges.ts';

describe('parseRanges of ten bytes', () => {
  test.for([
    [undefined, undefined],
    ['', undefined],
    ['bytes=0-3', [{ start: 0, end: 4 }]],
    ['bytes=3-3', [{ start: 3, end: 4 }]],
    ['bytes=4-', [{ start: 4, end: 10 }]],
    ['bytes=0-99', [{ start: 0, end: 10 }]],
    [`bytes=0-${'9'.repeat(400)}`, [{ start: 0, end: 10 }]],
    ['bytes=-3', [{ start: 7, end: 10 }]],
    ['bytes=-99', [{ start: 0, end: 10 }]],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=10-12', 'unsatisfiable'],
    [`bytes=${'9'.repeat(400)}-`, 'unsatisfiable'],
    ['bytes=5-3', 'unsatisfiable'],
    ['Bytes=0-3', [{ start: 0, end: 4 }]],
    ['bytes= 0 - 3 ', [{ start: 0, end: 4 }]],
    ['bytes=-', undefined],
    [
      'bytes=0-1, 3-4,-2',
      [
        { start: 0, end: 2 },
        { start: 3, end: 5 },
        { start: 8, end: 10 },
      ],
    ],
    ['bytes=0-1,99-', [{ start: 0, end: 2 }]],
    ['bytes=20-,30-', 'unsatisfiable'],
    ['bytes=0-5,3-8', undefined],
    ['bytes=0-1,x', undefined],
    ['bytes=0-1,', undefined],
    [`bytes=${'0-0,'.repeat(30)}1-1`, undefined],
    ['bytes=a-b', undefined],
    ['bytes=0x1-2', undefined],
    ['items=0-3', undefined],
    ['0-3', undefined],
  ] as const)('%s', ([header, expected]) => {
    expect(parseRanges(header, 10)).toEqual(expected);
  });

  test('of nothing, every range is unsatisfiable', () => {
    expect(parseRanges('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRanges('bytes=-1', 0)).toBe('unsatisfiable');
  });
});

test('a range that is answered lies within the body and is not empty', () => {
  const number = fc.oneof(fc.constant(''), fc.nat(50).map(String), fc.bigInt({ min: 0n }).map(String));
  fc.assert(
    fc.property(number, number, fc.nat(40), (first, last, size) => {
      const ranges = parseRanges(`bytes=${first}-${last}`, size);
      if (ranges === undefined || ranges === 'unsatisfiable') return;
      const [range = { start: -1, end: -1 }] = ranges;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.start).toBeLessThan(range.end);
      expect(range.end).toBeLessThanOrEqual(size);
    }),
  );
});

test('a header of anything never throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (text, size) => {
      parseRanges(text, size);
      parseRanges(`bytes=${text}`, size);
      parseChunkRange(text);
    }),
  );
});

describe('parseChunkRange', () => {
  test.for([
    ['0-3', { start: 0, end: 4 }],
    ['bytes 0-3/10', { start: 0, end: 4 }],
    ['bytes 0-3/*', { start: 0, end: 4 }],
    ['bytes=0-3', { start: 0, end: 4 }],
    ['5-5', { start: 5, end: 6 }],
    ['3-2', undefined],
    ['-3', undefined],
    ['3-', undefined],
    ['', undefined],
    ['a-b', undefined],
    [' 0-3', undefined],
    [`0-${'9'.repeat(16)}`, undefined],
  ] as const)('%s', ([header, expected]) => {
    expect(parseChunkRange(header)).toEqual(expected);
  });
});

test.for([
  [0, '0-0'],
  [1, '0-0'],
  [2, '0-1'],
  [1_000_000, '0-999999'],
] as const)('%d bytes have arrived: %s', ([offset, header]) => {
  expect(receivedRange(offset)).toBe(header);
});
