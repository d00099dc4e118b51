import {
  coversPattern,
  formatRepositoryPattern,
  parseRepositoryPattern,
  type RepositoryPattern,
} from '@berth/protocol';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { coveringPatterns } from './covering.ts';

const path = fc
  .array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const pattern = fc
  .oneof(
    fc.constant('**'),
    path,
    path.map((name) => `${name}/*`),
    path.map((name) => `${name}/**`),
  )
  .map((text) => parseRepositoryPattern(text) as RepositoryPattern);

test('it has exactly the patterns that cover', () => {
  fc.assert(
    fc.property(pattern, pattern, (inner, outer) => {
      expect(coveringPatterns(inner).includes(formatRepositoryPattern(outer))).toBe(
        coversPattern(outer, inner),
      );
    }),
    { numRuns: 3000 },
  );
});

test('of two patterns that share a name, one covers the other', () => {
  const names = ['a', 'a/a', 'a/b', 'b/a', 'a/a/a', 'a/b/a', 'b/a/b', 'a/a/a/a', 'a/b/b/a'];
  const matched = (one: RepositoryPattern) =>
    names.filter((name) => coversPattern(one, parseRepositoryPattern(name) as RepositoryPattern));
  fc.assert(
    fc.property(pattern, pattern, (one, other) => {
      const shared = matched(one).some((name) => matched(other).includes(name));
      if (shared) expect(coversPattern(one, other) || coversPattern(other, one)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
