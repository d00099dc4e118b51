import { sha256 } from '../support/registry.ts';
import {
  absent,
  blobOf,
  challenge,
  digest,
  layer,
  layerDigest,
  manifest,
  manifestOf,
  uploads,
  variant,
  type Row,
  type Table,
} from './row.ts';

const uuid = '00000000-0000-4000-8000-000000000000';
const session = `${uploads}${uuid}`;
const refused = {
  is: [405, 'UNSUPPORTED'],
  text: /the registry is read-only at the moment \(storage\.maintenance\.readonly\)/,
} as const;
const json = { by: 'password', type: 'application/json' } as const;
const push = 'repository:team/app:pull,push';

/** Every write, by who may do it while the registry is as usual. */
const writes: readonly Row[] = [
  { it: 'a new tag', ask: ['PUT', manifestOf('new')], body: manifest, ...refused },
  { it: 'a tag that moves', ask: ['PUT', manifestOf('1')], body: variant('another'), ...refused },
  { it: 'a tag that stays as it is', ask: ['PUT', manifestOf('1')], body: manifest, ...refused },
  { it: 'a manifest by its digest', ask: ['PUT', manifestOf(digest)], body: manifest, ...refused },
  { it: 'a manifest of a new repository', ask: ['PUT', manifestOf('1', 'team/new')], body: '{}', ...refused },
  { it: 'what is no manifest', ask: ['PUT', manifestOf('1')], body: 'no', ...refused },
  { it: 'the end of a tag', ask: ['DELETE', manifestOf('1')], ...refused },
  { it: 'the end of a manifest', ask: ['DELETE', manifestOf(digest)], ...refused },
  { it: 'the end of a manifest that is not there', ask: ['DELETE', manifestOf(absent)], ...refused },
  { it: 'the end of a blob', ask: ['DELETE', blobOf(layerDigest)], ...refused },
  { it: 'the beginning of an upload', ask: ['POST', uploads], ...refused },
  { it: 'an upload as a whole', ask: ['POST', `${uploads}?digest=${sha256('x')}`], body: 'x', ...refused },
  {
    it: 'an upload of more than a client is told to send',
    ask: ['POST', `${uploads}?digest=${sha256('x')}`],
    body: 'x'.repeat(3_000_000),
    ...refused,
  },
  {
    it: 'a mount',
    ask: ['POST', `/v2/team/other/blobs/uploads/?mount=${layerDigest}&from=team/app`],
    ...refused,
  },
  { it: 'a chunk of an upload', ask: ['PATCH', session], body: 'x', ...refused },
  { it: 'the end of an upload', ask: ['PUT', `${session}?digest=${sha256('x')}`], body: 'x', ...refused },
  { it: 'the cancellation of an upload', ask: ['DELETE', session], ...refused },
  { it: 'a push by an account that may', ask: ['POST', uploads], by: 'writer', ...refused },
  { it: 'a push by Basic', ask: ['POST', uploads], by: 'password', ...refused },
];

/** Who may not is told what he is always told. */
const outsiders: readonly Row[] = [
  {
    it: 'a push without a token',
    ask: ['POST', uploads],
    by: 'nobody',
    is: [401, 'UNAUTHORIZED'],
    answers: challenge(push),
  },
  {
    it: 'a push with a token that only pulls',
    ask: ['PUT', manifestOf('new')],
    body: manifest,
    by: 'pull',
    is: [401, 'UNAUTHORIZED'],
    answers: challenge(push, 'insufficient_scope'),
  },
  {
    it: 'a push by who may nothing',
    ask: ['POST', uploads],
    by: 'stranger',
    is: [401, 'UNAUTHORIZED'],
    answers: challenge(push, 'insufficient_scope'),
  },
  {
    it: 'a deletion by who may not delete',
    ask: ['DELETE', manifestOf('1')],
    by: 'writer',
    is: [401, 'UNAUTHORIZED'],
  },
  { it: 'a method that nobody knows', ask: ['PATCH', manifestOf('1')], is: [405], answers: { allow: /PUT/ } },
];

const reads: readonly Row[] = [
  { it: 'the base', ask: ['GET', '/v2/'], is: [200], text: '{}' },
  { it: 'a manifest by its tag', ask: ['GET', manifestOf('1')], is: [200], text: manifest },
  { it: 'a blob', ask: ['GET', blobOf(layerDigest)], is: [200], text: layer },
  { it: 'whether a blob is there, by who may push', ask: ['HEAD', blobOf(layerDigest)], is: [200] },
  {
    it: 'a blob by who has no account',
    ask: ['GET', blobOf(layerDigest, 'open/app')],
    by: 'anonymous',
    is: [200],
  },
  {
    it: 'the tags',
    ask: ['GET', '/v2/team/app/tags/list'],
    is: [200],
    text: '{"name":"team/app","tags":["1"]}',
  },
  { it: 'the referrers', ask: ['GET', `/v2/team/app/referrers/${digest}`], is: [200] },
  { it: 'the catalog', ask: ['GET', '/v2/_catalog'], is: [200] },
  { it: 'an upload that nobody began', ask: ['GET', session], is: [404, 'BLOB_UPLOAD_UNKNOWN'] },
];

const administration: readonly Row[] = [
  { it: 'a repository, deleted', ask: ['DELETE', '/api/v1/repositories/team/app'], ...json, ...refused },
  {
    it: 'a repository, deleted by who may not',
    ask: ['DELETE', '/api/v1/repositories/team/app'],
    ...json,
    by: 'writer-password',
    is: [403, 'DENIED'],
  },
  {
    it: 'a repository, deleted by who may not see it',
    ask: ['DELETE', '/api/v1/repositories/team/app'],
    ...json,
    by: 'stranger-password',
    is: [404, 'NOT_FOUND'],
  },
  { it: 'a collection', ask: ['POST', '/api/v1/gc'], ...json, body: '{}', ...refused },
  {
    it: 'a collection, by who is no administrator',
    ask: ['POST', '/api/v1/gc'],
    ...json,
    by: 'writer-password',
    body: '{}',
    is: [403, 'DENIED'],
  },
  { it: 'the queues of the collection', ask: ['GET', '/api/v1/gc'], by: 'password', is: [200] },
  {
    it: 'a visibility that is taken back',
    ask: ['PATCH', '/api/v1/repositories/open/app'],
    ...json,
    body: '{"visibility":"private"}',
    is: [200],
  },
  { it: 'which holds at once', ask: ['GET', manifestOf('1', 'open/app')], by: 'anonymous', is: [401] },
  {
    it: 'a new user',
    ask: ['POST', '/api/v1/users'],
    ...json,
    body: '{"name":"carol","password":"password of carol"}',
    is: [201],
  },
  {
    it: 'a grant to her',
    ask: ['POST', '/api/v1/grants'],
    ...json,
    body: '{"subject":"user:carol","repository":"team/**","role":"reader"}',
    is: [201],
  },
  {
    it: 'what a collection would do',
    ask: ['POST', '/api/v1/gc'],
    ...json,
    body: '{"dryRun":true}',
    is: [202],
  },
];

export const readOnly: Table = {
  name: 'read-only mode',
  restartedWith: { REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED: 'true' },
  rows: [
    ...writes,
    ...outsiders,
    ...reads,
    ...administration,
    {
      it: 'the token of a push, as usual',
      ask: ['GET', `/auth/token?scope=${push}`],
      by: 'password',
      is: [200],
    },
  ],
};
