import { sha256, sha512 } from '../support/registry.ts';
import { absent, begin, blobOf, layerDigest, session, uploads, type Row, type Table } from './row.ts';

const intoOther = '/v2/team/other/blobs/uploads/';

const algorithms: readonly Row[] = [
  begin('f', '?digest-algorithm=sha512'),
  { it: 'a chunk of it', ask: ['PATCH', '$f'], body: 'of 512', is: [202], answers: { range: '0-5' } },
  {
    it: 'its end by sha512',
    ask: ['PUT', `$f?digest=${sha512('of 512')}`],
    is: [201],
    answers: { 'docker-content-digest': sha512('of 512') },
  },
  begin('g', '?digest-algorithm=sha512'),
  {
    it: 'announced as sha512, ended by sha256',
    ask: ['PUT', `$g?digest=${sha256('g')}`],
    body: 'g',
    is: [201],
  },
  begin('h'),
  { it: 'not announced, ended by sha512', ask: ['PUT', `$h?digest=${sha512('h')}`], body: 'h', is: [201] },
  begin('i'),
  {
    it: 'not announced, ended by the sha512 of another',
    ask: ['PUT', `$i?digest=${sha512('h')}`],
    body: 'i',
    is: [400, 'DIGEST_INVALID'],
  },
  {
    it: 'an algorithm that is none',
    ask: ['POST', `${uploads}?digest-algorithm=md5`],
    is: [400, 'DIGEST_INVALID'],
    text: /neither sha256 nor sha512/,
  },
];

const mounts: readonly Row[] = [
  {
    it: 'a mount',
    ask: ['POST', `${intoOther}?mount=${layerDigest}&from=team/app`],
    is: [201],
    answers: { location: blobOf(layerDigest, 'team/other'), 'docker-content-digest': layerDigest },
  },
  { it: 'what was mounted', ask: ['HEAD', blobOf(layerDigest, 'team/other')], is: [200] },
  {
    it: 'a mount from wherever it is',
    ask: ['POST', `${intoOther}?mount=${sha256('one')}`],
    is: [201],
    answers: { location: blobOf(sha256('one'), 'team/other') },
  },
  {
    it: 'a mount of what is not there',
    ask: ['POST', `${uploads}?mount=${absent}&from=team/app`],
    is: [202],
    answers: { location: session },
  },
  {
    it: 'the same without from',
    ask: ['POST', `${uploads}?mount=${absent}`],
    is: [202],
    answers: { location: session },
  },
  {
    it: 'a mount from a repository that is not there',
    ask: ['POST', `${uploads}?mount=${sha256('one')}&from=team/absent`],
    is: [202],
  },
  {
    rule: 13,
    it: 'a mount from what one may not read',
    ask: ['POST', `${uploads}?mount=${sha256('secret')}&from=secret/app`],
    by: 'writer',
    is: [202],
    answers: { location: session },
  },
  {
    it: 'a mount from a name that is none',
    ask: ['POST', `${uploads}?mount=${layerDigest}&from=../etc`],
    is: [202],
    answers: { location: session },
  },
  {
    it: 'a mount of what is no digest',
    ask: ['POST', `${uploads}?mount=latest&from=team/app`],
    is: [400, 'DIGEST_INVALID'],
  },
];

const one: Row = {
  it: 'a blob to mount',
  ask: ['POST', `${uploads}?digest=${sha256('one')}`],
  body: 'one',
  is: [201],
};

/** Only `secret/app` holds this blob. */
const hidden: readonly Row[] = [
  {
    it: 'a blob of the hidden repository',
    ask: ['POST', `/v2/secret/app/blobs/uploads/?digest=${sha256('secret')}`],
    body: 'secret',
    is: [201],
  },
  {
    it: 'a mount of it, from nowhere, as who may not read it',
    ask: ['POST', `${uploads}?mount=${sha256('secret')}`],
    by: 'writer',
    is: [202],
  },
];

/** Of sha512, and of blobs that are there already. */
export const mounting: Table = {
  name: 'mounts and algorithms',
  rows: [...algorithms, one, ...hidden, ...mounts],
};
