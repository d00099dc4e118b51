import { describe, expect, test } from 'vitest';
import { digestOf, digestParts, parseDigest, parseReference } from './index.ts';

const hex = 'ab'.repeat(32);

describe('digests', () => {
  test.each([`sha256:${hex}`, `sha512:${hex}${hex}`])('takes %s', (text) => {
    const { algorithm, hex } = digestParts(parseDigest(text));
    expect(digestOf(algorithm, hex)).toBe(text);
  });

  test.each([
    '',
    'sha256',
    'sha256:',
    `sha256:${hex}0`,
    `sha256:${hex.slice(1)}`,
    `SHA256:${hex}`,
    `sha256:${hex.toUpperCase()}`,
    `sha512:${hex}`,
    `md5:${hex}`,
    `sha256:${hex}\n`,
    `sha256:../${hex.slice(3)}`,
  ])('refuses %j', (text) => {
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: 'DIGEST_INVALID', status: 400 }));
  });

  test('are made only of as many digits as the algorithm has', () => {
    expect(() => digestOf('sha512', hex)).toThrow(TypeError);
  });
});

describe('references', () => {
  test('with a colon are digests, without one tags', () => {
    expect(parseReference(`sha256:${hex}`)).toEqual({ kind: 'digest', digest: `sha256:${hex}` });
    expect(parseReference('latest')).toEqual({ kind: 'tag', tag: 'latest' });
    expect(() => parseReference('sha256:no')).toThrow(expect.objectContaining({ code: 'DIGEST_INVALID' }));
    expect(() => parseReference('-no')).toThrow(expect.objectContaining({ code: 'TAG_INVALID' }));
  });
});
