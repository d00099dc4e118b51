import { sha256, indexType } from '../support/registry.ts';
import { absent, blobOf, digest, indexOf, layerDigest, manifestOf, uploads, type Table } from './row.ts';

const index = indexOf(['{"not":"here"}']);

export const deletionOff: Table = {
  name: 'deletion switched off',
  env: { REGISTRY_STORAGE_DELETE_ENABLED: 'false' },
  rows: [
    {
      it: 'a manifest',
      ask: ['DELETE', manifestOf(digest)],
      is: [405, 'UNSUPPORTED'],
      text: /storage\.delete\.enabled/,
    },
    { it: 'a tag', ask: ['DELETE', manifestOf('1')], is: [405, 'UNSUPPORTED'] },
    { it: 'a blob', ask: ['DELETE', blobOf(layerDigest)], is: [405, 'UNSUPPORTED'] },
    { it: 'what is not there', ask: ['DELETE', manifestOf(absent)], is: [405, 'UNSUPPORTED'] },
    {
      it: 'a repository',
      ask: ['DELETE', '/api/v1/repositories/team/app'],
      by: 'password',
      type: 'application/json',
      is: [405, 'UNSUPPORTED'],
      text: /storage\.delete\.enabled/,
    },
    {
      it: 'a repository, by who may not',
      ask: ['DELETE', '/api/v1/repositories/team/app'],
      by: 'writer-password',
      type: 'application/json',
      is: [403, 'DENIED'],
    },
    { it: 'without a token', ask: ['DELETE', manifestOf('1')], by: 'nobody', is: [401, 'UNAUTHORIZED'] },
    { it: 'the manifest is still there', ask: ['HEAD', manifestOf('1')], is: [200] },
    { it: 'an upload begins', ask: ['POST', uploads], is: [202], keeps: { a: 'location' } },
    { it: 'and may be cancelled all the same', ask: ['DELETE', '$a'], is: [204] },
  ],
};

export const sparse: Table = {
  name: 'sparse indexes',
  env: { REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMS: 'none' },
  rows: [
    {
      it: 'an index of what is not here',
      ask: ['PUT', manifestOf('sparse')],
      type: indexType,
      body: index,
      is: [201],
      answers: { 'docker-content-digest': sha256(index) },
    },
    { it: 'it, read back', ask: ['GET', manifestOf('sparse')], is: [200], text: index },
    {
      it: 'its child, which is still not here',
      ask: ['GET', manifestOf(sha256('{"not":"here"}'))],
      is: [404, 'MANIFEST_UNKNOWN'],
    },
  ],
};

export const absoluteLocations: Table = {
  name: 'absolute locations',
  env: { REGISTRY_HTTP_RELATIVEURLS: 'false' },
  rows: [
    {
      it: 'an upload begins',
      ask: ['POST', uploads],
      is: [202],
      answers: { location: /^http:\/\/127\.0\.0\.1:\d+\/v2\/team\/app\/blobs\/uploads\/[0-9a-f-]{36}$/ },
      keeps: { a: 'location' },
    },
    {
      it: 'a chunk, to the whole URL',
      ask: ['PATCH', '$a'],
      body: 'x',
      is: [202],
      answers: { location: '$a' },
    },
    {
      it: 'its end, to the whole URL',
      ask: ['PUT', `$a?digest=${sha256('x')}`],
      is: [201],
      answers: { location: `$origin${blobOf(sha256('x'))}` },
    },
    {
      it: 'a mount',
      ask: ['POST', `/v2/team/other/blobs/uploads/?mount=${layerDigest}&from=team/app`],
      is: [201],
      answers: { location: `$origin${blobOf(layerDigest, 'team/other')}` },
    },
    {
      it: 'behind a proxy that speaks https',
      ask: ['POST', uploads],
      headers: { host: 'registry.example', 'x-forwarded-proto': 'https' },
      is: [202],
      answers: { location: /^https:\/\/registry\.example\/v2\/team\/app\/blobs\/uploads\/[0-9a-f-]{36}$/ },
    },
  ],
};
