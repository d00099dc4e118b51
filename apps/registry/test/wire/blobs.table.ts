import { sha256, sha512 } from '../support/registry.ts';
import { absent, blobOf, config, layer, layerDigest, uploads, type Row, type Table } from './row.ts';

const size = layer.length;

const reading: readonly Row[] = [
  {
    it: 'a blob',
    ask: ['GET', blobOf(layerDigest)],
    is: [200],
    text: layer,
    answers: {
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      'content-length': String(size),
      'docker-content-digest': layerDigest,
      etag: `"${layerDigest}"`,
    },
  },
  {
    it: 'the head of a blob',
    ask: ['HEAD', blobOf(layerDigest)],
    is: [200],
    mirrorsGet: true,
    answers: { 'content-length': String(size) },
  },
  { it: 'a digest with an escaped colon', ask: ['GET', blobOf(layerDigest.replace(':', '%3A'))], is: [200] },
  {
    it: 'a blob with a token to pull',
    ask: ['GET', blobOf(layerDigest)],
    by: 'pull',
    is: [200],
    text: layer,
  },
  { it: 'a blob as who may pull', ask: ['GET', blobOf(layerDigest)], by: 'writer', is: [200], text: layer },
  { it: 'a blob with Basic', ask: ['GET', blobOf(layerDigest)], by: 'password', is: [200], text: layer },
  {
    it: 'a blob as who may not',
    ask: ['GET', blobOf(layerDigest)],
    by: 'stranger',
    is: [401, 'UNAUTHORIZED'],
  },
  { it: 'a blob that is not there', ask: ['GET', blobOf(absent)], is: [404, 'BLOB_UNKNOWN'] },
  { it: 'the head of what is not there', ask: ['HEAD', blobOf(absent)], is: [404], mirrorsGet: true },
  {
    it: 'a blob of another repository',
    ask: ['GET', blobOf(layerDigest, 'team/other')],
    is: [404, 'BLOB_UNKNOWN'],
  },
  { it: 'a manifest as a blob', ask: ['GET', blobOf(sha256('{}'))], is: [404, 'BLOB_UNKNOWN'] },
  { it: 'a blob by what is no digest', ask: ['GET', blobOf('sha256:abc')], is: [400, 'DIGEST_INVALID'] },
  {
    it: 'a digest in upper case',
    ask: ['GET', blobOf(layerDigest.toUpperCase())],
    is: [400, 'DIGEST_INVALID'],
  },
  { it: 'a blob by a tag', ask: ['GET', blobOf('latest')], is: [400, 'DIGEST_INVALID'] },
  {
    it: 'a blob by another algorithm',
    ask: ['GET', blobOf('md5:d41d8cd98f00b204e9800998ecf8427e')],
    is: [400, 'DIGEST_INVALID'],
  },
];

/** `Range`, and the first and last byte that come. */
const satisfiable: readonly (readonly [string, number, number])[] = [
  ['bytes=4-8', 4, 8],
  ['bytes=0-0', 0, 0],
  ['bytes=15-', 15, size - 1],
  ['bytes=0-', 0, size - 1],
  ['bytes=-5', size - 5, size - 1],
  ['bytes=-100', 0, size - 1],
  ['bytes=4-100', 4, size - 1],
  [`bytes=${size - 1}-${size - 1}`, size - 1, size - 1],
  ['Bytes=1-2', 1, 2],
];

const unsatisfiable = [`bytes=${size}-`, 'bytes=100-200', 'bytes=8-4', 'bytes=-0'];

const ignored = [
  'lines=1-2',
  'bytes=-',
  'bytes=a-b',
  'bytes 0-1',
  'nonsense',
  'bytes=0-1,a-b',
  'bytes=0-4,2-8',
  `bytes=${Array.from({ length: 10 }, () => '0-0').join(',')}`,
];

const ranges: readonly Row[] = [
  ...satisfiable.map(([range, first, last]): Row => ({
    it: `a blob, ${range}`,
    ask: ['GET', blobOf(layerDigest)],
    headers: { range },
    is: [206],
    text: layer.slice(first, last + 1),
    answers: {
      'content-range': `bytes ${first}-${last}/${size}`,
      'content-length': String(last - first + 1),
      'docker-content-digest': layerDigest,
    },
  })),
  ...unsatisfiable.map((range): Row => ({
    it: `a blob, ${range}`,
    ask: ['GET', blobOf(layerDigest)],
    headers: { range },
    is: [416, 'RANGE_INVALID'],
    answers: { 'content-range': `bytes */${size}` },
  })),
  ...ignored.map((range): Row => ({
    it: `a blob, ${range}, which is none`,
    ask: ['GET', blobOf(layerDigest)],
    headers: { range },
    is: [200],
    text: layer,
    answers: { 'content-range': null, 'content-length': String(size) },
  })),
];

const several: readonly Row[] = [
  {
    it: 'the head of a part, which is that of the whole: only GET knows ranges',
    ask: ['HEAD', blobOf(layerDigest)],
    headers: { range: 'bytes=0-2' },
    is: [200],
    answers: { 'content-length': String(size), 'content-range': null },
  },
  {
    it: 'a blob, two parts of it',
    ask: ['GET', blobOf(layerDigest)],
    headers: { range: 'bytes=0-2, -5' },
    is: [206],
    text: new RegExp(
      String.raw`content-range: bytes 0-2/${size}\r\n\r\nthe\r\n--[\s\S]*content-range: bytes 15-19/${size}\r\n\r\nlayer\r\n--`,
      'i',
    ),
    answers: { 'content-type': /^multipart\/byteranges; boundary=\S+$/, 'content-range': null },
  },
  {
    it: 'a blob, two parts, of which one is behind its end',
    ask: ['GET', blobOf(layerDigest)],
    headers: { range: 'bytes=100-,0-2' },
    is: [206],
    text: 'the',
    answers: { 'content-range': `bytes 0-2/${size}`, 'content-type': 'application/octet-stream' },
  },
  {
    it: 'a blob, two parts behind its end',
    ask: ['GET', blobOf(layerDigest)],
    headers: { range: 'bytes=100-,200-' },
    is: [416, 'RANGE_INVALID'],
    answers: { 'content-range': `bytes */${size}` },
  },
];

/** `If-Range`, and whether the part comes. */
const validators: readonly (readonly [string, string, boolean])[] = [
  ['the digest in quotes', `"${layerDigest}"`, true],
  ['another digest', `"${absent}"`, false],
  ['a weak tag', `W/"${layerDigest}"`, false],
  ['the digest without quotes, which is no tag', layerDigest, false],
  ['a date', 'Wed, 21 Oct 2015 07:28:00 GMT', false],
];

const continued: readonly Row[] = validators.map(([it, value, part]) => ({
  it: `the rest of a blob if it is still ${it}`,
  ask: ['GET', blobOf(layerDigest)],
  headers: { range: 'bytes=15-', 'if-range': value },
  is: [part ? 206 : 200],
  text: part ? 'layer' : layer,
}));

/** Of a blob that has to be pushed by then. */
const long: readonly Row[] = [
  {
    it: 'a blob by its sha512',
    ask: ['POST', `${uploads}?digest=${sha512('long')}`],
    body: 'long',
    is: [201],
    answers: { location: blobOf(sha512('long')), 'docker-content-digest': sha512('long') },
  },
  {
    it: 'it, by its sha512',
    ask: ['GET', blobOf(sha512('long'))],
    is: [200],
    text: 'long',
    answers: { 'docker-content-digest': sha512('long'), etag: `"${sha512('long')}"` },
  },
  { it: 'it, by its sha256', ask: ['GET', blobOf(sha256('long'))], is: [404, 'BLOB_UNKNOWN'] },
  {
    it: 'a part of it',
    ask: ['GET', blobOf(sha512('long'))],
    headers: { range: 'bytes=1-2' },
    is: [206],
    text: 'on',
    answers: { 'content-range': 'bytes 1-2/4' },
  },
  { it: 'its head', ask: ['HEAD', blobOf(sha512('long'))], is: [200], mirrorsGet: true },
  {
    it: 'a mount of it',
    ask: ['POST', `/v2/team/other/blobs/uploads/?mount=${sha512('long')}&from=team/app`],
    is: [201],
    answers: { location: blobOf(sha512('long'), 'team/other') },
  },
  {
    it: 'it, where it was mounted',
    ask: ['GET', blobOf(sha512('long'), 'team/other')],
    is: [200],
    text: 'long',
  },
  { it: 'it, away', ask: ['DELETE', blobOf(sha512('long'))], is: [202], text: '' },
  { it: 'it, after that', ask: ['GET', blobOf(sha512('long'))], is: [404, 'BLOB_UNKNOWN'] },
  { it: 'it, where it was mounted, still', ask: ['GET', blobOf(sha512('long'), 'team/other')], is: [200] },
  {
    it: 'a sha512 that is too short',
    ask: ['GET', blobOf(sha512('long').slice(0, -1))],
    is: [400, 'DIGEST_INVALID'],
  },
];

const empty: readonly Row[] = [
  { it: 'the empty blob', ask: ['POST', `${uploads}?digest=${sha256('')}`], is: [201] },
  {
    it: 'the empty blob, read back',
    ask: ['GET', blobOf(sha256(''))],
    is: [200],
    text: '',
    answers: { 'content-length': '0' },
  },
  {
    it: 'a range of the empty blob',
    ask: ['GET', blobOf(sha256(''))],
    headers: { range: 'bytes=0-' },
    is: [416, 'RANGE_INVALID'],
    answers: { 'content-range': 'bytes */0' },
  },
];

const deleting: readonly Row[] = [
  { it: 'a layer that an image uses', ask: ['DELETE', blobOf(layerDigest)], is: [405, 'UNSUPPORTED'] },
  { it: 'a config that an image uses', ask: ['DELETE', blobOf(sha256(config))], is: [405, 'UNSUPPORTED'] },
  { it: 'it is still there', ask: ['GET', blobOf(layerDigest)], is: [200], text: layer },
  { it: 'a blob that none uses', ask: ['DELETE', blobOf(sha256(''))], by: 'delete', is: [202], text: '' },
  { it: 'the same blob again', ask: ['DELETE', blobOf(sha256(''))], is: [404, 'BLOB_UNKNOWN'] },
  {
    it: 'a blob of no repository',
    ask: ['DELETE', blobOf(absent, 'team/absent')],
    is: [404, 'BLOB_UNKNOWN'],
  },
  { it: 'what is no digest', ask: ['DELETE', blobOf('latest')], is: [400, 'DIGEST_INVALID'] },
  { it: 'as who may only push', ask: ['DELETE', blobOf(absent)], by: 'writer', is: [401, 'UNAUTHORIZED'] },
];

export const blobs: Table = {
  name: 'blobs',
  rows: [...reading, ...ranges, ...several, ...continued, ...long, ...empty, ...deleting],
};
