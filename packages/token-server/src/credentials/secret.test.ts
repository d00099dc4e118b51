import { expect, test } from 'vitest';
import { hashSecret, isSecret, makeSecret, randomBase62 } from './secret.ts';

/** Computed apart from this code, with a bitwise CRC32 (polynomial 0xEDB88320) and base 62 in Python. */
const vectors = [
  ['0123456789ABCDEFGHIJKLMNOPQRST', '4PMbyp'],
  ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '1yLcDB'],
  ['zZ9zZ9zZ9zZ9zZ9zZ9zZ9zZ9zZ9zZ9', '4eli4n'],
  ['000000000000000000000000000405', '00azb7'],
] as const;

test.each(vectors)('brt_%s ends in %s', (random, check) => {
  expect(isSecret(`brt_${random}${check}`)).toBe(true);
  expect(isSecret(`brt_${random}${check.slice(0, 5)}!`)).toBe(false);
});

test('a made secret has the form, and one changed character is noticed', () => {
  const secret = makeSecret();
  expect(secret).toMatch(/^brt_[0-9A-Za-z]{36}$/);
  expect(isSecret(secret)).toBe(true);
  const other = secret[10] === 'a' ? 'b' : 'a';
  expect(isSecret(secret.slice(0, 10) + other + secret.slice(11))).toBe(false);
  expect(isSecret(` ${secret}`)).toBe(false);
  expect(isSecret(secret.slice(4))).toBe(false);
});

test('no two are the same, and every character of the alphabet comes', () => {
  expect(new Set(Array.from({ length: 100 }, makeSecret)).size).toBe(100);
  expect(new Set(randomBase62(5000)).size).toBe(62);
});

test('what is stored is SHA-256 in hex', () => {
  expect(hashSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
