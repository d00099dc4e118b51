import type { TokenClaims } from '@berth/protocol';
import { expect, test } from 'vitest';
import { compilePrincipal, type Principal } from '../policy/principal.ts';
import { KnownBearers } from './known-bearers.ts';

const header = 'Bearer a.b.c';
const at = { policy: 3, keys: 1 };
const nobody = compilePrincipal({ account: null, admin: false, teams: [], grants: [] });
const claims = { access: [] } as unknown as TokenClaims;
const soon = () => Date.now() + 60_000;

function remembering({ until = soon(), principal = nobody }: { until?: number; principal?: Principal } = {}) {
  const bearers = new KnownBearers();
  bearers.set(header, at, { claims, until, principal });
  return bearers;
}

test('the bearer of a header is known', () => {
  expect(remembering().get(header, { ...at })).toMatchObject({ claims, principal: nobody });
  expect(remembering().get('Bearer a.b.d', at)).toBeUndefined();
});

test.for([
  ['the policy has moved', { ...at, policy: 4 }],
  ['the keys have changed', { ...at, keys: 2 }],
] as const)('not after %s', ([, now]) => {
  expect(remembering().get(header, now)).toBeUndefined();
});

test('not after the token, its key or its credential has ended', () => {
  const ended = { ...nobody, credentialExpiresAt: Date.now() - 1 };
  expect(remembering({ until: Date.now() - 1 }).get(header, at)).toBeUndefined();
  expect(remembering({ principal: ended }).get(header, at)).toBeUndefined();
  const lasting = { ...nobody, credentialExpiresAt: soon() };
  expect(remembering({ principal: lasting }).get(header, at)).toBeDefined();
});

test('old ones are forgotten, by what they take', () => {
  const bearers = remembering();
  const long = 'x'.repeat(16_000);
  for (let number = 0; number < 2000; number += 1)
    bearers.set(`Bearer ${number}${long}`, at, { claims, until: soon(), principal: nobody });
  expect(bearers.get(header, at)).toBeUndefined();
  expect(bearers.get(`Bearer 1999${long}`, at)).toBeDefined();
});
