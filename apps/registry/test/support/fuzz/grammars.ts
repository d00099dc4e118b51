import * as fc from 'fast-check';
import { METHODS } from 'node:http';
import { imageManifest, imageType, indexType } from '../registry.ts';
import { administration } from './administration.ts';
import { manifestText } from './json.ts';
import type { FuzzRequest } from './request.ts';
import { digest, headerText, known, knownDigest, name, number, query, tag, word } from './words.ts';

const usual = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE');
const reading = fc.constantFrom('GET', 'HEAD');
const types = fc.oneof(
  fc.constantFrom(imageType, indexType, 'application/vnd.docker.distribution.manifest.v2+json'),
  fc.constantFrom('application/vnd.docker.distribution.manifest.v1+prettyjws', 'application/json', '*/*'),
  fc.constantFrom(`${imageType}; charset=utf-8`, `${imageType};`, `${imageType.toUpperCase()}`),
  headerText,
);
const manifest = imageManifest(known.blob, [known.layer]);
const repository = `/v2/${known.repository}`;

const part = fc.constantFrom('manifests', 'blobs', 'blobs/uploads', 'referrers', 'tags');
const names = fc.record({
  method: usual,
  path: fc.oneof(
    fc.tuple(name, part, fc.oneof(tag, digest)).map((parts) => `/v2/${parts.join('/')}`),
    fc.tuple(name, word).map((parts) => `/v2/${parts.join('/')}`),
    fc.array(fc.oneof(word, part), { maxLength: 6 }).map((parts) => `/${parts.join('/')}`),
  ),
});

const digests = fc.record({
  method: usual,
  path: fc.oneof(
    fc
      .tuple(fc.constantFrom('blobs', 'manifests', 'referrers'), digest)
      .map((at) => `${repository}/${at.join('/')}`),
    query(['digest', 'mount', 'from', 'digest-algorithm'], fc.oneof(digest, name)).map(
      (asked) => `${repository}/blobs/uploads/?${asked}`,
    ),
    query(['digest', 'digest-algorithm', 'state'], digest).map((asked) => `{session}?${asked}`),
    word.map((id) => `${repository}/blobs/uploads/${id}`),
  ),
  body: fc.constantFrom('', known.blob, known.layer, 'anything'),
});

const tags = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE'),
  path: fc
    .tuple(fc.oneof(tag, digest), query(['tag'], tag))
    .map(([at, asked]) => `${repository}/manifests/${at}?${asked}`),
  headers: fc.record(
    { 'content-type': fc.constant(imageType), 'if-match': headerText, 'if-none-match': headerText },
    { requiredKeys: ['content-type'] },
  ),
  body: fc.constantFrom('', '{}', manifest, manifest, manifest),
});

const rangeText = fc
  .oneof(
    fc.tuple(fc.nat(9), fc.nat(40)).map((ends) => `bytes=${ends.join('-')}`),
    fc.nat(40).map((last) => `0-${last}`),
    fc.tuple(number, number).map((ends) => `bytes=${ends.join('-')}`),
    fc.tuple(number, number).map((ends) => ends.join('-')),
    fc
      .array(fc.tuple(number, number), { maxLength: 5 })
      .map((all) => `bytes=${all.map((ends) => ends.join('-'))}`),
    headerText,
  )
  .map((text) => text.replaceAll(/[^\t\x20-\xff]/g, '?'));
const reads = fc.record({
  method: reading,
  path: fc.oneof(
    knownDigest.map((at) => `${repository}/blobs/${at}`),
    fc.tuple(fc.constantFrom('blobs', 'manifests'), digest).map((at) => `${repository}/${at.join('/')}`),
    fc.constant(`${repository}/manifests/1`),
  ),
  headers: fc.record(
    { range: rangeText, 'if-range': headerText, 'if-none-match': headerText, accept: types },
    { requiredKeys: ['range'] },
  ),
});
const chunks = fc.record({
  method: fc.constantFrom('PATCH', 'PUT', 'GET', 'DELETE'),
  path: fc.constantFrom('{session}', `{session}?digest=sha256:${'a'.repeat(64)}`),
  headers: fc.record({ 'content-range': rangeText, range: rangeText }, { requiredKeys: ['content-range'] }),
  body: fc.string({ maxLength: 60 }),
});

const scope = fc.oneof(
  fc
    .tuple(fc.constantFrom('repository', 'registry', 'repository(plugin)'), name, word)
    .map((it) => it.join(':')),
  fc
    .tuple(name, fc.subarray(['pull', 'push', 'delete', '*', 'admin', '', 'create']))
    .map(([at, actions]) => `repository:${at}:${actions.join(',')}`),
  fc.constantFrom('registry:catalog:*', '', ' ', ':', '::', ':::', 'repository::pull', 'repository:a:b:pull'),
  word,
);
const tokenQuery = query(
  [
    'scope',
    'scope',
    'service',
    'account',
    'client_id',
    'offline_token',
    'grant_type',
    'username',
    'password',
  ],
  fc.oneof(
    scope,
    fc.array(scope, { maxLength: 8 }).map((all) => all.join('+')),
  ),
);
const scopes = fc.oneof(
  fc.record({ method: fc.constant('GET'), path: tokenQuery.map((asked) => `/auth/token?${asked}`) }),
  fc.record({
    method: usual,
    path: fc.constant('/auth/token'),
    headers: fc.record({
      'content-type': fc.oneof(fc.constant('application/x-www-form-urlencoded'), headerText),
    }),
    body: fc.oneof(
      tokenQuery,
      tokenQuery.map((asked) => `grant_type=refresh_token&refresh_token=x&service=berth&${asked}`),
      fc.string({ unit: 'binary' }),
    ),
  }),
);

const listQuery = query(['n', 'last', 'artifactType', 'ns'], fc.oneof(number, name, digest, types, tag));
const lists = fc.record({
  method: reading,
  path: fc
    .tuple(
      fc.oneof(
        fc.constantFrom(`${repository}/tags/list`, '/v2/_catalog', '/v2/'),
        digest.map((it) => `${repository}/referrers/${it}`),
      ),
      listQuery,
    )
    .map(([at, asked]) => `${at}?${asked}`),
});

const manifests = fc.record({
  method: fc.constant('PUT'),
  path: fc.oneof(fc.constant('1'), tag, digest).map((it) => `${repository}/manifests/${it}`),
  headers: fc.record({ 'content-type': fc.oneof(fc.constantFrom(imageType, indexType), types) }),
  body: manifestText,
});

const headerNames = fc.oneof(
  fc.constantFrom('accept', 'accept-encoding', 'content-type', 'content-range', 'content-encoding', 'expect'),
  fc.constantFrom('origin', 'host', 'if-match', 'if-none-match', 'if-modified-since', 'range', 'user-agent'),
  fc.constantFrom('x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded', 'x-request-id'),
  fc.constantFrom('cookie', 'via', 'te', 'upgrade', 'oci-chunk-min-length', 'docker-content-digest'),
  fc.constantFrom('x-http-method-override', '__proto__', 'constructor'),
);
const methods = fc.record({
  method: fc.constantFrom(...METHODS.filter((method) => method !== 'CONNECT')),
  path: fc.oneof(
    fc.constantFrom('/', '/v2/', '/v2/_catalog', '/auth/token', '/api/v1/me', '/healthz', '{session}', '*'),
    fc.constantFrom(
      `${repository}/tags/list`,
      `${repository}/manifests/1`,
      '/.well-known/jwks.json',
      '//',
      '/v2',
    ),
    fc.constantFrom('http://localhost/v2/', 'http://[::1/v2/', 'ftp://x/', '/v2/?', '/v2/#', '/%'),
  ),
  headers: fc.dictionary(headerNames, headerText, { maxKeys: 4 }),
});

const credentials = fc.record({
  method: usual,
  path: fc.constantFrom(
    '/v2/',
    `${repository}/manifests/1`,
    '/auth/token?scope=repository:team/app:pull',
    '/api/v1/me',
  ),
  headers: fc.record({
    authorization: fc.oneof(
      headerText,
      fc.base64String().map((text) => `Bearer ${text}`),
      fc
        .array(fc.jsonValue(), { minLength: 2, maxLength: 4 })
        .map((all) => `Bearer ${all.map(encode).join('.')}`),
      fc.constant({ alg: 'none' }).map((head) => `Bearer ${encode(head)}.${encode({ sub: 'admin' })}.`),
      headerText.map((text) => `Basic ${text}`),
      fc.stringMatching(/^brt_[0-9A-Za-z]{36}$/).map((text) => `Bearer ${text}`),
      { arbitrary: headerText.map((text) => `Basic ${btoa(text)}`), weight: 1 },
    ),
  }),
});

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** What is sent for each grammar. Those that bring no credentials are sent with a token that may do everything. */
export const grammars: Readonly<Record<string, fc.Arbitrary<FuzzRequest>>> = {
  names,
  digests,
  tags,
  ranges: fc.oneof(reads, chunks),
  scopes,
  lists,
  manifests,
  methods,
  credentials,
  administration,
};
