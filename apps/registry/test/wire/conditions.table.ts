import { imageType, sha256 } from '../support/registry.ts';
import {
  absent,
  blobOf,
  digest,
  layer,
  layerDigest,
  manifest,
  manifestOf,
  variant,
  type Row,
  type Table,
} from './row.ts';

const other = sha256('something else');

/** Values of `If-None-Match`, and whether they name what is there. */
const noneMatch: readonly (readonly [string, (tag: string) => string, boolean])[] = [
  ['the digest in quotes', (tag) => `"${tag}"`, true],
  ['the digest without quotes', (tag) => tag, true],
  ['a weak tag', (tag) => `W/"${tag}"`, true],
  ['a list', (tag) => `"${other}", "${tag}"`, true],
  ['a star', () => '*', true],
  ['another digest', () => `"${other}"`, false],
  ['a list of others', () => `"${other}", "x"`, false],
];

const match: readonly (readonly [string, (tag: string) => string, boolean])[] = [
  ['the digest in quotes', (tag) => `"${tag}"`, true],
  ['the digest without quotes', (tag) => tag, true],
  ['a list', (tag) => `"${other}", "${tag}"`, true],
  ['a star', () => '*', true],
  ['a weak tag, which is never the same', (tag) => `W/"${tag}"`, false],
  ['another digest', () => `"${other}"`, false],
];

const things: readonly (readonly [string, string, string])[] = [
  ['a manifest by tag', manifestOf('1'), digest],
  ['a blob', blobOf(layerDigest), layerDigest],
];

const reading: readonly Row[] = things.flatMap(([what, target, tag]) => [
  ...noneMatch.map(([it, value, same]): Row => ({
    it: `${what} but ${it}`,
    ask: ['GET', target],
    headers: { 'if-none-match': value(tag) },
    is: [same ? 304 : 200],
    answers: { etag: `"${tag}"`, 'docker-content-digest': tag },
    ...(same && { text: '' }),
  })),
  ...match.map(([it, value, same]): Row => ({
    it: `${what} if ${it}`,
    ask: ['GET', target],
    headers: { 'if-match': value(tag) },
    is: same ? [200] : [412, 'DENIED'],
    ...(same && { answers: { etag: `"${tag}"` } }),
  })),
]);

const more: readonly Row[] = [
  {
    it: 'the same by digest',
    ask: ['GET', manifestOf(digest)],
    headers: { 'if-none-match': `"${digest}"` },
    is: [304],
    text: '',
    answers: { 'cache-control': 'private, max-age=31536000, immutable' },
  },
  {
    it: 'the head of the same',
    ask: ['HEAD', manifestOf('1')],
    headers: { 'if-none-match': `"${digest}"` },
    is: [304],
    mirrorsGet: true,
  },
  {
    it: 'the head of another one',
    ask: ['HEAD', manifestOf('1')],
    headers: { 'if-match': `"${other}"` },
    is: [412],
    mirrorsGet: true,
  },
  {
    it: 'the head of the same blob',
    ask: ['HEAD', blobOf(layerDigest)],
    headers: { 'if-none-match': layerDigest },
    is: [304],
    mirrorsGet: true,
  },
  {
    it: 'what is not there, but a star',
    ask: ['GET', manifestOf('absent')],
    headers: { 'if-none-match': '*' },
    is: [404, 'MANIFEST_UNKNOWN'],
  },
  {
    it: 'both conditions: If-Match is first',
    ask: ['GET', manifestOf('1')],
    headers: { 'if-match': `"${other}"`, 'if-none-match': `"${digest}"` },
    is: [412, 'DENIED'],
  },
  {
    it: 'the same, but without a token',
    ask: ['GET', manifestOf('1')],
    by: 'nobody',
    headers: { 'if-none-match': `"${digest}"` },
    is: [401, 'UNAUTHORIZED'],
  },
  {
    it: 'a condition is stronger than a range',
    ask: ['GET', blobOf(layerDigest)],
    headers: { 'if-none-match': `"${layerDigest}"`, range: 'bytes=0-1' },
    is: [304],
    text: '',
  },
];

/** `Cache-Control` by kind and visibility. */
const caching: readonly Row[] = [
  {
    it: 'a private tag is asked for again',
    ask: ['GET', manifestOf('1')],
    is: [200],
    answers: { 'cache-control': 'private, no-cache' },
  },
  {
    it: 'a private digest is kept by who fetched it',
    ask: ['GET', manifestOf(digest)],
    is: [200],
    answers: { 'cache-control': 'private, max-age=31536000, immutable' },
  },
  {
    it: 'a private blob is kept by who fetched it',
    ask: ['GET', blobOf(layerDigest)],
    is: [200],
    answers: { 'cache-control': 'private, max-age=31536000, immutable' },
  },
  {
    it: 'a public tag',
    ask: ['GET', manifestOf('1', 'open/app')],
    by: 'anonymous',
    is: [200],
    text: manifest,
    answers: { 'cache-control': 'public, no-cache' },
  },
  {
    it: 'a public digest',
    ask: ['GET', manifestOf(digest, 'open/app')],
    by: 'anonymous',
    is: [200],
    answers: { 'cache-control': 'public, max-age=31536000, immutable' },
  },
  {
    it: 'a public blob',
    ask: ['GET', blobOf(layerDigest, 'open/app')],
    by: 'anonymous',
    is: [200],
    text: layer,
    answers: { 'cache-control': 'public, max-age=31536000, immutable' },
  },
];

/** In this order: each says what the tag names after it. */
const writing: readonly Row[] = [
  {
    it: 'a tag that must not be there, and is',
    ask: ['PUT', manifestOf('1')],
    headers: { 'if-none-match': '*' },
    body: variant('a'),
    is: [412, 'DENIED'],
  },
  {
    it: 'a tag that must be another one',
    ask: ['PUT', manifestOf('1')],
    headers: { 'if-match': `"${other}"` },
    body: variant('a'),
    is: [412, 'DENIED'],
  },
  {
    it: 'the tag after the two',
    ask: ['HEAD', manifestOf('1')],
    is: [200],
    answers: { 'docker-content-digest': digest },
  },
  {
    it: 'what was refused was not kept',
    ask: ['GET', manifestOf(sha256(variant('a')))],
    is: [404, 'MANIFEST_UNKNOWN'],
  },
  {
    it: 'a tag that must be what it is',
    ask: ['PUT', manifestOf('1')],
    headers: { 'if-match': `"${digest}"` },
    body: variant('a'),
    is: [201],
    answers: { 'docker-content-digest': sha256(variant('a')) },
  },
  {
    it: 'the same again, which is too late',
    ask: ['PUT', manifestOf('1')],
    headers: { 'if-match': `"${digest}"` },
    body: variant('b'),
    is: [412, 'DENIED'],
  },
  {
    it: 'the same without quotes, as Docker writes it',
    ask: ['PUT', manifestOf('1')],
    headers: { 'if-match': sha256(variant('a')) },
    body: manifest,
    is: [201],
  },
  {
    it: 'a new tag that must be there',
    ask: ['PUT', manifestOf('new')],
    headers: { 'if-match': '*' },
    body: manifest,
    is: [412, 'DENIED'],
  },
  {
    it: 'a new tag that must not be there',
    ask: ['PUT', manifestOf('new')],
    headers: { 'if-none-match': '*' },
    body: manifest,
    is: [201],
  },
  {
    it: 'a digest that must not be there, and is',
    ask: ['PUT', manifestOf(digest)],
    headers: { 'if-none-match': '*' },
    body: manifest,
    is: [412, 'DENIED'],
  },
  {
    it: 'a digest that must be there, and is',
    ask: ['PUT', manifestOf(digest)],
    headers: { 'if-match': '*' },
    body: manifest,
    is: [201],
  },
  {
    it: 'a digest that must be there, and is not',
    ask: ['PUT', manifestOf(sha256(variant('c')))],
    headers: { 'if-match': '*' },
    body: variant('c'),
    is: [412, 'DENIED'],
  },
];

/** None of them changes the answer: there is one manifest, of one type. */
const accepts = [
  '*/*',
  '',
  'text/html',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json;q=0.1, */*;q=0',
  ',,;q=;',
  'nonsense',
];

const accepting: readonly Row[] = accepts.map((accept) => ({
  it: `a manifest that is to be ${JSON.stringify(accept)}`,
  ask: ['GET', manifestOf(digest)],
  headers: { accept },
  is: [200],
  text: manifest,
  answers: { 'content-type': imageType, 'docker-content-digest': digest },
}));

const absentOnes: readonly Row[] = [
  {
    it: 'a blob that is not there, but a star',
    ask: ['GET', blobOf(absent)],
    headers: { 'if-none-match': '*' },
    is: [404, 'BLOB_UNKNOWN'],
  },
];

export const conditions: Table = {
  name: 'conditions',
  rows: [...reading, ...more, ...caching, ...writing, ...accepting, ...absentOnes],
};
