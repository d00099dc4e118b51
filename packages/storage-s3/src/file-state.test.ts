import { describe, expect, test } from 'vitest';

import { stateOf, type Found } from './file-state.ts';

const modified = new Date(0);
const object = (size: number) => ({ size, etag: 'e', modified, metadata: {} });
const tail = (size: number, offset: number, upload = 'u') => {
  return { size, etag: 't', modified, metadata: { upload, offset: String(offset) } };
};
const upload = { key: 'k', id: 'u', initiated: modified };
const parts = (...numbers: number[]) => numbers.map((number) => ({ number, etag: 'p', size: 10, modified }));
const nothing: Found = { object: null, tail: null, upload: undefined, parts: [] };

describe('what was found at a path', () => {
  test.for<[string, Partial<Found>, string, number]>([
    ['nothing', {}, 'none', 0],
    ['an object', { object: object(7) }, 'object', 7],
    [
      'an object and a tail of an upload that was completed',
      { object: object(7), tail: tail(3, 0) },
      'object',
      7,
    ],
    ['a tail of nothing', { tail: tail(3, 0) }, 'none', 0],
    ['an upload without parts', { upload }, 'upload', 0],
    ['parts', { upload, parts: parts(1, 2) }, 'upload', 20],
    ['parts with a gap', { upload, parts: parts(1, 3) }, 'upload', 10],
    ['parts and a tail', { upload, parts: parts(1, 2), tail: tail(3, 20) }, 'upload', 23],
    ['a tail that has become a part', { upload, parts: parts(1, 2), tail: tail(3, 10) }, 'upload', 20],
    ['a tail of another upload', { upload, parts: parts(1, 2), tail: tail(3, 20, 'other') }, 'upload', 20],
    ['an upload that goes on from an object', { object: object(7), upload, parts: parts(1) }, 'upload', 10],
    ['an upload that has just got so far', { object: object(10), upload, parts: parts(1) }, 'upload', 10],
    ['an upload that has not got so far', { object: object(7), upload }, 'object', 7],
  ])('%s', ([, found, kind, size]) => {
    expect(stateOf({ ...nothing, ...found })).toMatchObject({ kind, size });
  });
});
