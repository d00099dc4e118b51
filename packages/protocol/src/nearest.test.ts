import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const words = ['grant.create', 'grant.delete', 'login', 'user.create'];

test.each([
  ['grant.creat', 'grant.create'],
  ['Grant.Delete', 'grant.delete'],
  ['user.creat', 'user.create'],
  ['logins', 'login'],
  ['grant', 'grant.create'],
  ['', undefined],
  ['xyz', undefined],
])('%j is meant to be %j', (word, meant) => {
  expect(nearest(word, words)).toBe(meant);
});
