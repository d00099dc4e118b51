import { sha256, sha512 } from '../support/registry.ts';
import { digest, manifest, manifestOf, variant, type Row, type Table } from './row.ts';

const one = variant('one');
const two = variant('two');
const ofOne = manifestOf(sha256(one));
const many = Array.from({ length: 101 }, (_, at) => `tag=t${at}`);
const list = '/v2/team/app/tags/list';

/** `?tag=` of the specification's main branch. */
const parameters: readonly Row[] = [
  {
    it: 'a digest with one tag',
    ask: ['PUT', `${ofOne}?tag=a`],
    body: one,
    is: [201],
    answers: { location: ofOne, 'docker-content-digest': sha256(one), 'oci-tag': 'a' },
  },
  { it: 'by that tag', ask: ['GET', manifestOf('a')], is: [200], text: one },
  {
    it: 'a digest with several',
    ask: ['PUT', `${ofOne}?tag=b&tag=c&tag=1.2`],
    body: one,
    is: [201],
    answers: { 'oci-tag': 'b, c, 1.2' },
  },
  { it: 'by the last of them', ask: ['GET', manifestOf('1.2')], is: [200], text: one },
  {
    it: 'one tag twice',
    ask: ['PUT', `${ofOne}?tag=d&tag=d`],
    body: one,
    is: [201],
    answers: { 'oci-tag': 'd' },
  },
  {
    it: 'a sha512 with a tag',
    ask: ['PUT', `${manifestOf(sha512(two))}?tag=long`],
    body: two,
    is: [201],
    answers: { 'docker-content-digest': sha512(two), 'oci-tag': 'long' },
  },
  {
    it: 'by that tag',
    ask: ['GET', manifestOf('long')],
    is: [200],
    text: two,
    answers: { 'docker-content-digest': sha512(two) },
  },
  { it: 'a tag that is none', ask: ['PUT', `${ofOne}?tag=e&tag=.x`], body: one, is: [400, 'TAG_INVALID'] },
  { it: 'an empty tag', ask: ['PUT', `${ofOne}?tag=`], body: one, is: [400, 'TAG_INVALID'] },
  { it: 'the good one beside it is not there', ask: ['GET', manifestOf('e')], is: [404, 'MANIFEST_UNKNOWN'] },
  {
    it: 'a hundred',
    ask: ['PUT', `${ofOne}?${many.slice(0, 100).join('&')}`],
    body: one,
    is: [201],
    answers: { 'oci-tag': /^t0, t1, .*, t99$/ },
  },
  {
    it: 'more than a hundred',
    ask: ['PUT', `${ofOne}?${many.join('&')}`],
    body: one,
    is: [414, 'TAG_INVALID'],
  },
  { it: 'the one too many is not there', ask: ['GET', manifestOf('t100')], is: [404, 'MANIFEST_UNKNOWN'] },
  {
    it: 'a tag with tags, which are passed over',
    ask: ['PUT', `${manifestOf('f')}?tag=g`],
    body: one,
    is: [201],
    answers: { 'oci-tag': null },
  },
  { it: 'they are not there', ask: ['GET', manifestOf('g')], is: [404, 'MANIFEST_UNKNOWN'] },
];

/** As somebody who may push, but not overwrite. */
const rights: readonly Row[] = [
  {
    it: 'a new tag',
    ask: ['PUT', manifestOf('mine')],
    by: 'writer',
    body: manifest,
    is: [201],
  },
  { it: 'the same again', ask: ['PUT', manifestOf('mine')], by: 'writer', body: manifest, is: [201] },
  {
    rule: 42,
    it: 'a tag moved without the right: 403, since more scope would not help',
    ask: ['PUT', manifestOf('mine')],
    by: 'writer',
    body: two,
    is: [403, 'DENIED'],
    text: /no grant gives overwrite on team\/app/,
    answers: { 'www-authenticate': null },
  },
  {
    it: 'a new tag beside one that must not move',
    ask: ['PUT', `${manifestOf(sha256(two))}?tag=fresh&tag=mine`],
    by: 'writer',
    body: two,
    is: [403, 'DENIED'],
  },
  {
    it: 'all or nothing: the new one is not there',
    ask: ['GET', manifestOf('fresh')],
    is: [404, 'MANIFEST_UNKNOWN'],
  },
  { it: 'nor is the manifest', ask: ['GET', manifestOf(sha256(two))], is: [404, 'MANIFEST_UNKNOWN'] },
  {
    it: 'into a new repository',
    ask: ['PUT', manifestOf('1', 'team/new')],
    by: 'writer',
    body: manifest,
    is: [403, 'DENIED'],
    text: /not create it/,
  },
];

const immutable: readonly Row[] = [
  {
    it: 'releases become immutable',
    ask: ['PATCH', '/api/v1/repositories/team/app'],
    by: 'password',
    type: 'application/json',
    body: '{"immutableTags":["v*"]}',
    is: [200],
    text: /"immutableTags":\["v\*"\]/,
  },
  { it: 'a release', ask: ['PUT', manifestOf('v1')], body: one, is: [201] },
  { it: 'the same release again', ask: ['PUT', manifestOf('v1')], body: one, is: [201] },
  {
    it: 'another one in its place',
    ask: ['PUT', manifestOf('v1')],
    body: manifest,
    is: [403, 'DENIED'],
    text: /tag v1 is immutable/,
  },
  { it: 'its deletion', ask: ['DELETE', manifestOf('v1')], is: [409, 'DENIED'], text: /tag v1 is immutable/ },
  { it: 'the deletion of what it names', ask: ['DELETE', ofOne], is: [409, 'DENIED'] },
  { it: 'it is still there', ask: ['GET', manifestOf('v1')], is: [200], text: one },
  { it: 'a tag beside it', ask: ['DELETE', manifestOf('a')], is: [202] },
  {
    it: 'all or nothing: a new tag and the release',
    ask: ['PUT', `${manifestOf(digest)}?tag=next&tag=v1`],
    body: manifest,
    is: [403, 'DENIED'],
  },
  { it: 'the new one is not there', ask: ['GET', manifestOf('next')], is: [404, 'MANIFEST_UNKNOWN'] },
  {
    it: 'the tags at the end',
    ask: ['GET', `${list}?last=long`],
    is: [200],
    text: /^\{"name":"team\/app","tags":\["mine","t0",/,
  },
];

export const tagging: Table = { name: 'tagging', rows: [...parameters, ...rights, ...immutable] };
