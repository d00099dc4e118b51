import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  coversPattern,
  formatRepositoryPattern,
  isTagPattern,
  matchesRepository,
  matchesTag,
  parseRepositoryPattern,
  type RepositoryName,
  type RepositoryPattern,
  type Tag,
} from './index.ts';

const pattern = (text: string): RepositoryPattern => {
  const parsed = parseRepositoryPattern(text);
  if (parsed === undefined) throw new Error(`no pattern: ${text}`);
  return parsed;
};

describe('repository patterns', () => {
  test.each([
    ['team/app', ['team/app'], ['team', 'team/app/x', 'team/ap']],
    ['team/*', ['team/app', 'team/a-b'], ['team', 'team/app/x', 'teams/app']],
    ['team/**', ['team/app', 'team/app/x'], ['team', 'teams/app', 'a/team/app']],
    ['**', ['team', 'team/app', 'a/b/c'], []],
  ])('%s', (text, inside, outside) => {
    for (const name of inside) expect(matchesRepository(pattern(text), name as RepositoryName)).toBe(true);
    for (const name of outside) expect(matchesRepository(pattern(text), name as RepositoryName)).toBe(false);
  });

  test.each(['', '*', '/**', '**/a', 'a/**/b', 'a/*/b', 'a*', 'Team/**', 'a/***', '../**', '/.*/'])(
    'refuses %j',
    (text) => expect(parseRepositoryPattern(text)).toBeUndefined(),
  );

  const segment = fc.constantFrom('a', 'b', 'ab');
  const name = fc
    .array(segment, { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/') as RepositoryName);
  const anyPattern = fc.oneof(
    fc.constant('**'),
    name,
    name.map((text) => `${text}/*`),
    name.map((text) => `${text}/**`),
  );

  test('are written as they are read', () => {
    fc.assert(fc.property(anyPattern, (text) => formatRepositoryPattern(pattern(text)) === text));
  });

  test('one covers another just where it matches whatever the other one matches', () => {
    const below = (parent: string) => ['a', 'zz/y'].map((rest) => `${parent}/${rest}` as RepositoryName);
    fc.assert(
      fc.property(anyPattern, anyPattern, (outer, inner) => {
        const names = inner === '**' ? ['q', 'q/r'] : [inner, ...below(inner.replace(/\/\*+$/, ''))];
        const matched = names.filter((name) => matchesRepository(pattern(inner), name as RepositoryName));
        const covered = matched.every((name) => matchesRepository(pattern(outer), name as RepositoryName));
        expect(coversPattern(pattern(outer), pattern(inner))).toBe(covered && matched.length > 0);
      }),
    );
  });
});

describe('tag patterns', () => {
  test.each([
    ['latest', 'latest', true],
    ['latest', 'latest1', false],
    ['v1.*', 'v1.2', true],
    ['v1.*', 'v1.', true],
    ['v1.*', 'v12', false],
    ['*-rc', 'v1-rc', true],
    ['*', 'anything', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'acb', false],
    ['a*a', 'a', false],
    ['a**c', 'abc', true],
    ['v.', 'vx', false],
  ])('%s and %s: %s', (text, tag, expected) => expect(matchesTag(text, tag as Tag)).toBe(expected));

  test('say the same as a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 8 });
    const tag = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(text, tag, (text, tag) => {
        const expression = new RegExp(`^${text.replaceAll('*', '.*')}$`);
        expect(matchesTag(text, tag as Tag)).toBe(expression.test(tag));
      }),
    );
  });

  test.each(['', '/', 'a/b', 'a b', '(a|b)', 'a'.repeat(129), '-a'])('refuses %j', (text) =>
    expect(isTagPattern(text)).toBe(false),
  );
});
