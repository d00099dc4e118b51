import { parseRepositoryPattern, type Account, type Action, type RepositoryPattern } from '@berth/protocol';
import { expect, test } from 'vitest';
import type { Grant } from './grant.ts';
import { holds } from './holds.ts';
import { compilePrincipal } from './principal.ts';

const account: Account = { id: '1', name: 'alice', kind: 'user' };
const pattern = (text: string) => parseRepositoryPattern(text) as RepositoryPattern;

function grant(repository: string, actions: readonly Action[], more: Partial<Grant> = {}): Grant {
  const subject = { kind: 'user', name: 'alice' } as const;
  const rest = { id: 'x', effect: 'allow', role: null, tags: null, expiresAt: null } as const;
  return { ...rest, subject, repository: pattern(repository), actions, ...more };
}

const now = 1000;
const grants = [
  grant('team/**', ['admin', 'pull']),
  grant('team/secret', ['pull'], { effect: 'deny' }),
  grant('dev/*', ['push', 'pull', 'admin'], { tags: 'v*' }),
  grant('old/**', ['pull'], { expiresAt: 500 }),
  grant('new/**', ['pull'], { expiresAt: 2000 }),
  grant('new/**', ['pull'], { effect: 'deny', expiresAt: 500 }),
];
const alice = compilePrincipal({ account, admin: false, teams: [], grants });

test.each([
  ['alice/**', 'admin', {}, true],
  ['alice/a/b', 'overwrite', {}, true],
  ['alice', 'pull', {}, false],
  ['**', 'pull', {}, false],
  ['team/**', 'admin', {}, true],
  ['team/*', 'admin', {}, true],
  ['team/a', 'push', {}, false],
  ['team/a', 'pull', {}, true],
  ['team/**', 'pull', {}, false],
  ['team/secret', 'pull', {}, false],
  ['team/secret/**', 'pull', {}, true],
  ['dev/a', 'pull', {}, true],
  ['dev/a', 'push', {}, false],
  ['dev/a', 'push', { tags: 'v*' }, true],
  ['dev/a', 'push', { tags: 'v1' }, false],
  ['dev/a', 'admin', { tags: 'v*' }, false],
  ['dev/**', 'pull', {}, false],
  ['old/a', 'pull', {}, false],
  ['new/a', 'pull', {}, true],
  ['new/a', 'pull', { until: 2000 }, true],
  ['new/a', 'pull', { until: 2001 }, false],
  ['new/a', 'pull', { until: null }, false],
] as const)('%s %s %j: %s', (text, action, more, expected) => {
  expect(holds(alice, { pattern: pattern(text), action, ...more }, now)).toBe(expected);
});

test('an administrator holds everything, whatever denies it; a narrowed credential nothing', () => {
  const admin = compilePrincipal({ account, admin: true, teams: [], grants });
  const everything = { pattern: pattern('**'), action: 'admin', until: null } as const;
  expect(holds(admin, everything)).toBe(true);
  expect(holds({ ...admin, limits: [{ repository: pattern('**'), actions: ['admin'] }] }, everything)).toBe(
    false,
  );
});
