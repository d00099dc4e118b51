import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { checkPath, isPathSegment } from './paths.ts';

const letters = [...'ABZabz019._-'];
const segment = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 40 });

test('what is joined of segments is a path, and what has anything else is none', () => {
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 10 }), (segments) => {
      const accepted = !segments.includes('.') && !segments.includes('..');
      expect(accepts(segments.join('/'))).toBe(accepted);
    }),
  );
});

test('a path that is accepted stays below any folder it is joined to', () => {
  const anything = fc.string({ unit: fc.constantFrom(...letters, '/', '\\', '\0', ' ', '%', 'é') });
  fc.assert(
    fc.property(anything, (path) => {
      fc.pre(accepts(path));
      expect(new URL(path, 'file:///root/').pathname).toBe(`/root/${path}`);
    }),
  );
});

test('the names that a file system adds by itself', () => {
  expect(isPathSegment('lost+found')).toBe(false);
  expect(isPathSegment('..')).toBe(false);
  expect(isPathSegment('.nfs0001')).toBe(true);
});

function accepts(path: string): boolean {
  try {
    checkPath(path);
    return true;
  } catch {
    return false;
  }
}
