import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatChallenge,
  formatScope,
  mostScopes,
  parseScope,
  parseScopes,
  repositoryScope,
} from './index.ts';
import { cpuTime } from './testing/cpu-time.ts';

describe('scopes', () => {
  test.each([
    ['repository:team/app:pull,push', { type: 'repository', name: 'team/app', actions: ['pull', 'push'] }],
    ['repository:host:5000/app:pull', { type: 'repository', name: 'host:5000/app', actions: ['pull'] }],
    ['repository(plugin):team/app:pull', { type: 'repository', name: 'team/app', actions: ['pull'] }],
    ['registry:catalog:*', { type: 'registry', name: 'catalog', actions: ['*'] }],
    ['repository:a:pull,,push,pull', { type: 'repository', name: 'a', actions: ['pull', 'push'] }],
    ['', undefined],
    ['repository', undefined],
    ['repository:a', undefined],
    ['repository:a:', undefined],
    [':a:pull', undefined],
    ['repository::pull', undefined],
    ['Repository:a:pull', undefined],
    ['repository :a:pull', undefined],
  ])('%j', (text, expected) => expect(parseScope(text)).toEqual(expected));

  test('come repeated, joined by spaces, empty and double (rules 25 and 26)', () => {
    expect(parseScopes(['repository:a:pull  repository:b:pull', '', 'repository:a:pull,push'])).toEqual([
      repositoryScope('a', 'pull', 'push'),
      repositoryScope('b', 'pull'),
    ]);
  });

  test('are bounded, so that the token fits into a header', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `repository:a${index}:pull`);
    expect(parseScopes(many)).toHaveLength(mostScopes);
  });

  test('are merged in linear time: a form of 64 KiB takes no seconds', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `repository:a:x${index}`);
    const taken = await cpuTime(() => expect(parseScopes(many)[0]?.actions).toHaveLength(20_000));
    expect(taken).toBeLessThan(1000);
  });

  test('any text is parsed or passed over, and what is parsed reads back', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const scope of parseScopes([text])) expect(parseScope(formatScope(scope))).toEqual(scope);
      }),
    );
  });
});

describe('challenges', () => {
  const base = { realm: 'https://r.example/auth/token', service: 'berth' };

  test('are written for the strictest parsers (rules 4 to 7)', () => {
    const scopes = [repositoryScope('a', 'pull', 'push'), repositoryScope('b', 'pull')];
    expect(formatChallenge({ ...base, scopes, error: 'insufficient_scope' })).toBe(
      'Bearer realm="https://r.example/auth/token",service="berth",scope="repository:a:pull,push repository:b:pull",error="insufficient_scope"',
    );
  });

  test.each(['x",realm="https://evil.example/', 'x\r\nset-cookie: a=b', 'x y', 'é', '日本', 'x\\', '\0'])(
    'leave out a scope that would break them: %j',
    (name) => {
      const scopes = [repositoryScope('a', 'pull', 'push'), repositoryScope(name, 'pull')];
      expect(formatChallenge({ ...base, scopes })).toBe(
        'Bearer realm="https://r.example/auth/token",service="berth",scope="repository:a:pull,push"',
      );
    },
  );

  test('leave out an empty scope', () => {
    expect(formatChallenge({ ...base, scopes: [] })).toBe(
      'Bearer realm="https://r.example/auth/token",service="berth"',
    );
  });
});
