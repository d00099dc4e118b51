import { OciError } from '@berth/protocol';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutPage, oneMore, parsePage } from './pages.ts';

describe('parsePage', () => {
  test.for([
    ['', { count: 1000, last: undefined }],
    ['n=5', { count: 5, last: undefined }],
    ['n=0', { count: 0, last: undefined }],
    ['n=99999', { count: 1000, last: undefined }],
    ['n=2&last=a%2Fb', { count: 2, last: 'a/b' }],
    ['last=', { count: 1000, last: '' }],
  ] as const)('"%s"', ([query, expected]) => {
    expect(parsePage(new URLSearchParams(query))).toEqual(expected);
  });

  test.for(['n=', 'n=-1', 'n=1.5', 'n=abc', 'n=1e3', 'n=%201', 'n=9999999999', 'n=0x10'])(
    '%s is refused',
    (query) => {
      expect(() => parsePage(new URLSearchParams(query))).toThrow(
        expect.objectContaining({ code: 'PAGINATION_NUMBER_INVALID', status: 400 }),
      );
    },
  );

  test('throws nothing but that', () => {
    fc.assert(
      fc.property(fc.string(), (n) => {
        try {
          expect(parsePage(new URLSearchParams({ n })).count).toBeLessThanOrEqual(1000);
        } catch (error) {
          expect(error).toBeInstanceOf(OciError);
        }
      }),
    );
  });
});

test('following the links gives every item once, in order, on pages of at most n', () => {
  const text = fc.string({ minLength: 1, unit: fc.constantFrom(...'ab/_-.&=%+ é') });
  fc.assert(
    fc.property(fc.uniqueArray(text, { maxLength: 30 }), fc.integer({ min: 1, max: 10 }), (names, n) => {
      const sorted = names.sort();
      const seen: string[] = [];
      for (let query: string | undefined = `n=${n}`; query !== undefined;) {
        const page = parsePage(new URLSearchParams(query));
        const { count, last = '' } = oneMore(page);
        const found = sorted.filter((name) => name > last).slice(0, count);
        const { items, headers } = cutPage('/v2/x/tags/list', page, found, (name) => name);
        expect(items.length).toBeLessThanOrEqual(n);
        seen.push(...items);
        query = /^<\/v2\/x\/tags\/list\?([^<>"\s]+)>; rel="next"$/.exec(headers['link'] ?? '')?.[1];
        expect(query === undefined).toBe(headers['link'] === undefined);
      }
      expect(seen).toEqual(sorted);
    }),
  );
});

test('a page of none has no link, since it has no last item', () => {
  expect(cutPage('/v2/_catalog', { count: 0 }, ['a'], String)).toEqual({ items: [], headers: {} });
});
