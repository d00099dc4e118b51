import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePath } from './path.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('parsePath', () => {
  test.for([
    ['/v2/', { kind: 'base' }],
    ['/v2', { kind: 'base' }],
    ['/v2/_catalog', { kind: 'catalog' }],
    ['/v2/app/manifests/latest', { name: 'app', endpoint: 'manifests', argument: 'latest' }],
    [`/v2/app/manifests/${digest}`, { name: 'app', endpoint: 'manifests', argument: digest }],
    [
      `/v2/app/manifests/${digest.replace(':', '%3A')}`,
      { name: 'app', endpoint: 'manifests', argument: digest },
    ],
    [`/v2/a/b/c/blobs/${digest}`, { name: 'a/b/c', endpoint: 'blobs', argument: digest }],
    ['/v2/app/blobs/uploads/', { name: 'app', endpoint: 'uploads', argument: '' }],
    ['/v2/app/blobs/uploads', { name: 'app', endpoint: 'uploads', argument: '' }],
    ['/v2/app/blobs/uploads/some-id', { name: 'app', endpoint: 'upload', argument: 'some-id' }],
    ['/v2/app/tags/list', { name: 'app', endpoint: 'tags', argument: 'list' }],
    [`/v2/app/referrers/${digest}`, { name: 'app', endpoint: 'referrers', argument: digest }],
    ['/v2/a/blobs/manifests/x', { name: 'a/blobs', endpoint: 'manifests', argument: 'x' }],
    ['/v2/a/manifests/tags/list', { name: 'a/manifests', endpoint: 'tags', argument: 'list' }],
    ['/v2/a/manifests/manifests', { name: 'a', endpoint: 'manifests', argument: 'manifests' }],
    ['/v2/a/manifests/blobs', { name: 'a', endpoint: 'manifests', argument: 'blobs' }],
    ['/v2/tags/list/tags/list', { name: 'tags/list', endpoint: 'tags', argument: 'list' }],
    ['/v2/a%2Fb/manifests/x', { name: 'a%2Fb', endpoint: 'manifests', argument: 'x' }],
    ['/v2/a/manifests/%zz', { name: 'a', endpoint: 'manifests', argument: '%zz' }],
    ['/v2/../manifests/x', { name: '..', endpoint: 'manifests', argument: 'x' }],
  ] as const)('%s', ([path, expected]) => {
    expect(parsePath(path)).toMatchObject(expected);
  });

  test.for([
    '/',
    '/v3/',
    '/v2/app',
    '/v2/app/',
    '/v2/_catalog/',
    '/v2/manifests/latest',
    '/v2/app/manifests',
    '/v2/app/manifests/',
    '/v2/app/blobs/',
    '/v2/app/tags',
    '/v2/app/tags/',
    '/v2/app/tags/other',
    '/v2/app/referrers/',
    '/v2/app/other/latest',
  ])('%s is no address', (path) => {
    expect(parsePath(path)).toBeUndefined();
  });
});

/** Words of the API are legal parts of names, and legal tags. */
const word = fc.constantFrom('manifests', 'blobs', 'uploads', 'tags', 'list', 'referrers', 'v2', 'a', 'a-b');
const name = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join('/'));

const properties = [
  { endpoint: 'manifests', argument: word, path: (tag: string) => `manifests/${tag}` },
  { endpoint: 'blobs', argument: fc.constant(digest), path: (text: string) => `blobs/${text}` },
  { endpoint: 'referrers', argument: fc.constant(digest), path: (text: string) => `referrers/${text}` },
  { endpoint: 'uploads', argument: fc.constant(''), path: () => 'blobs/uploads/' },
  { endpoint: 'upload', argument: fc.uuid(), path: (id: string) => `blobs/uploads/${id}` },
  { endpoint: 'tags', argument: fc.constant('list'), path: () => 'tags/list' },
];

test.for(properties)('the name before $endpoint is kept, whatever words it has', ({ endpoint, ...rest }) => {
  fc.assert(
    fc.property(name, rest.argument, (name, argument) => {
      expect(parsePath(`/v2/${name}/${rest.path(argument)}`)).toEqual({
        kind: 'repository',
        name,
        endpoint,
        argument,
      });
    }),
  );
});

test('never throws', () => {
  const piece = fc.oneof(
    word,
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.constantFrom('', '%', '%2F', '..'),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      parsePath(`/v2/${pieces.join('/')}`);
    }),
  );
});
