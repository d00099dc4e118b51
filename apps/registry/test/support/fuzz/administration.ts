import * as fc from 'fast-check';
import { nearlyJson } from './json.ts';
import type { FuzzRequest } from './request.ts';
import { digest, headerText, name, number, query, word } from './words.ts';

const bodies = [
  {
    name: 'alice',
    password: 'the password of alice',
    email: 'alice@example.org',
    admin: false,
    disabled: false,
  },
  { name: 'core' },
  { name: 'robot', pattern: 'team/**' },
  { name: 'ci', scopes: [{ repository: 'team/app', actions: ['pull'] }], expiresAt: '2100-01-01T00:00:00Z' },
  { subject: 'user:alice', repository: 'team/**', role: 'writer', tags: 'v*', comment: 'why' },
  { effect: 'deny', subject: 'anonymous', repository: '**', actions: ['pull', 'push', 'delete'] },
  { visibility: 'public', immutableTags: ['v*'], description: 'text' },
  { subject: 'user:alice', repository: 'team/app', actions: ['pull'] },
  { current: 'wrong', new: 'another password' },
];

/** Never `admin`, so that the account that asks lives on. */
const nouns = fc
  .oneof(fc.constantFrom('alice', 'core', 'robot', '1', 'anonymous'), word)
  .filter((text) => !/admin|%/i.test(text));
const path = fc.oneof(
  fc.constantFrom(
    '/me',
    '/me/password',
    '/users',
    '/teams',
    '/robots',
    '/tokens',
    '/grants',
    '/audit',
    '/keys',
  ),
  fc.constantFrom('/repositories', '/explain', '/openapi.json', '/gc', '/jobs', '/grants?dryRun=true'),
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

/** Calls of `/api/v1`, as the admin. */
export const administration: fc.Arbitrary<FuzzRequest> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'),
  path: fc.tuple(path, asked).map(([at, text]) => `/api/v1${at}${at.includes('?') ? '&' : '?'}${text}`),
  headers: fc.record({
    'content-type': fc.oneof({ weight: 9, arbitrary: fc.constant('application/json') }, headerText),
  }),
  body: nearlyJson(bodies),
});
