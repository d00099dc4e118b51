import * as fc from 'fast-check';
import { nearlyJson } from './json.ts';
import type { FuzzRequest } from './request.ts';
import { digest, headerText, name, number, query, word } from './words.ts';

const grant = { subject: 'user:alice', repository: 'team/**', role: 'writer', tags: 'v*', comment: 'why' };
const token = { name: 'ci', scopes: [{ repository: 'team/app', actions: ['pull'] }] };

/** Calls that may succeed; their bodies are mutated. */
const calls: readonly (readonly [method: string, path: string, body?: object])[] = [
  ['POST', '/users', { name: 'alice', password: 'the password of alice', email: 'alice@example.org' }],
  [
    'PATCH',
    '/users/alice',
    { email: 'a@example.org', admin: false, disabled: true, password: 'another one' },
  ],
  ['DELETE', '/users/alice'],
  ['POST', '/teams', { name: 'core' }],
  ['PUT', '/teams/core/members/alice'],
  ['DELETE', '/teams/core/members/alice'],
  ['POST', '/robots', { name: 'robot', pattern: 'team/**' }],
  ['PATCH', '/robots/robot', { pattern: 'team/*', disabled: true }],
  ['POST', '/tokens', { ...token, expiresAt: '2100-01-01T00:00:00Z' }],
  ['POST', '/tokens', { ...token, robot: 'robot' }],
  ['POST', '/grants', grant],
  ['POST', '/grants?dryRun=true', grant],
  ['POST', '/grants', { effect: 'deny', subject: 'anonymous', repository: '**', actions: ['pull', 'push'] }],
  ['DELETE', '/grants/1'],
  ['PATCH', '/repositories/team/app', { visibility: 'public', immutableTags: ['v*'], description: 'text' }],
  ['DELETE', '/repositories/team/app'],
  ['POST', '/explain', { subject: 'user:alice', repository: 'team/app', actions: ['pull'] }],
  ['POST', '/explain', { token: 'brt_x', repository: 'team/app', actions: ['pull'] }],
  ['PUT', '/me/password', { current: 'wrong', new: 'another password' }],
  ['POST', '/keys/rotate', {}],
];

/** Never `admin`, so that the account that asks lives on. */
const nouns = fc
  .oneof(fc.constantFrom('alice', 'core', 'robot', '1', 'anonymous'), word)
  .filter((text) => !/admin|%/i.test(text));
const path = fc.oneof(
  fc.constantFrom('/me', '/users', '/teams', '/robots', '/tokens', '/grants', '/audit', '/keys'),
  fc.constantFrom('/repositories', '/openapi.json', '/gc', '/jobs', '/teams/core/members'),
  fc
    .tuple(fc.constantFrom('users', 'teams', 'robots', 'tokens', 'grants'), nouns)
    .map((all) => `/${all.join('/')}`),
  fc.tuple(nouns, nouns).map(([team, user]) => `/teams/${team}/members/${user}`),
  name.map((text) => `/repositories/${text}`),
  fc
    .tuple(name, fc.constantFrom('tags', 'access', 'x'))
    .map(([text, last]) => `/repositories/${text}/-/${last}`),
  fc.tuple(name, digest).map(([text, last]) => `/repositories/${text}/-/manifests/${last}`),
);
const asked = query(
  ['n', 'last', 'subject', 'repository', 'action', 'outcome', 'since', 'until', 'dryRun'],
  fc.oneof(number, nouns, name),
);
const headers = fc.record({
  'content-type': fc.oneof({ weight: 9, arbitrary: fc.constant('application/json') }, headerText),
});

const changes = fc.oneof(
  ...calls.map(([method, at, body = {}]) =>
    fc.record({
      method: fc.constant(method),
      path: fc.constant(`/api/v1${at}`),
      headers,
      body: nearlyJson([body]),
    }),
  ),
);
const reads = fc.record({
  method: fc.oneof({ weight: 3, arbitrary: fc.constant('GET') }, fc.constantFrom('HEAD', 'DELETE', 'PATCH')),
  path: fc.tuple(path, asked).map(([at, text]) => `/api/v1${at}?${text}`),
  headers,
});

/** Calls of `/api/v1`, as the admin. */
export const administration: fc.Arbitrary<FuzzRequest> = fc.oneof(changes, reads);
