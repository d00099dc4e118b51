import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNameComponent, isRepositoryName, isTag, parseRepositoryName, parseTag } from './index.ts';

describe('repository names', () => {
  test.each([
    'app',
    'team/app',
    'a',
    '0',
    'a.b',
    'a_b',
    'a__b',
    'a---b',
    'docker.io/library/alpine',
    'a'.repeat(255),
  ])('takes %s', (name) => expect(parseRepositoryName(name)).toBe(name));

  test.each([
    '',
    '/',
    'Team/app',
    'team//app',
    '/team',
    'team/',
    'team/../app',
    '..',
    '.',
    '-a',
    'a-',
    'a..b',
    'a___b',
    'a._b',
    'team%2Fapp',
    'team/äpp',
    'a b',
    'a\0b',
    'a\n',
    'localhost:5000/app',
    'a'.repeat(256),
  ])('refuses %j', (name) => {
    expect(isRepositoryName(name)).toBe(false);
    expect(() => parseRepositoryName(name)).toThrow(
      expect.objectContaining({ code: 'NAME_INVALID', status: 400 }),
    );
  });

  test('a name is its components, joined by slashes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 4 }), (parts) => {
        expect(isRepositoryName(parts.join('/'))).toBe(parts.join('/').split('/').every(isNameComponent));
      }),
    );
  });

  test('a long name of separators is refused in no time', () => {
    expect(isRepositoryName(`a${'-'.repeat(250)}`)).toBe(false);
    expect(isRepositoryName(`${'a_'.repeat(120)}!`)).toBe(false);
  });
});

describe('tags', () => {
  test.each(['latest', '1.0', '_x', 'A', 'v1-rc.2', 'a'.repeat(128)])('takes %s', (tag) =>
    expect(parseTag(tag)).toBe(tag),
  );

  test.each(['', '.a', '-a', 'a/b', 'a:b', 'a b', 'ä', 'a'.repeat(129), 'a\n'])('refuses %j', (tag) => {
    expect(isTag(tag)).toBe(false);
    expect(() => parseTag(tag)).toThrow(expect.objectContaining({ code: 'TAG_INVALID', status: 400 }));
  });
});
