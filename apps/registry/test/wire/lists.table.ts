import { imageManifest, imageType, indexType, sha256, sha512 } from '../support/registry.ts';
import {
  absent,
  blobOf,
  challenge,
  config,
  digest,
  manifest,
  manifestOf,
  type Row,
  type Table,
} from './row.ts';

const tagList = '/v2/team/app/tags/list';
const tagged = (...tags: string[]) => JSON.stringify({ name: 'team/app', tags });
const subject = { mediaType: imageType, digest, size: manifest.length };
const artifact = (name: string, type: string) =>
  imageManifest(config, [], { artifactType: type, annotations: { name }, subject });
const artifacts = [artifact('a', 'application/x.note'), artifact('b', 'application/x.note')];
const signature = artifact('c', 'application/x.signature');
const ofLong = imageManifest(config, [], {
  artifactType: 'application/x.note',
  subject: { ...subject, digest: sha512(manifest) },
});
const referrersOf = (of: string) => `/v2/team/app/referrers/${of}`;
const [first = '', second = ''] = artifacts.map(sha256).toSorted();

const tags: readonly Row[] = [
  { it: 'the tags', ask: ['GET', tagList], is: [200], text: tagged('1'), answers: { link: null } },
  { it: 'the head of the tags', ask: ['HEAD', tagList], is: [200], mirrorsGet: true },
  ...['2', '3', 'a', 'B'].map((tag): Row => ({
    it: `one more tag, ${tag}`,
    ask: ['PUT', manifestOf(tag)],
    body: manifest,
    is: [201],
  })),
  {
    it: 'all of them, in their order',
    ask: ['GET', tagList],
    is: [200],
    text: tagged('1', '2', '3', 'B', 'a'),
  },
  {
    it: 'a page',
    ask: ['GET', `${tagList}?n=2`],
    is: [200],
    text: tagged('1', '2'),
    answers: { link: `<${tagList}?last=2&n=2>; rel="next"` },
  },
  {
    it: 'the page after it',
    ask: ['GET', `${tagList}?last=2&n=2`],
    is: [200],
    text: tagged('3', 'B'),
    answers: { link: `<${tagList}?last=B&n=2>; rel="next"` },
  },
  {
    it: 'the last page',
    ask: ['GET', `${tagList}?last=B&n=2`],
    is: [200],
    text: tagged('a'),
    answers: { link: null },
  },
  { it: 'a page that is just full', ask: ['GET', `${tagList}?n=5`], is: [200], answers: { link: null } },
  { it: 'no tags', ask: ['GET', `${tagList}?n=0`], is: [200], text: tagged(), answers: { link: null } },
  { it: 'tags after the last', ask: ['GET', `${tagList}?last=z`], is: [200], text: tagged() },
  {
    it: 'tags after what is no tag',
    ask: ['GET', `${tagList}?last=2.5`],
    is: [200],
    text: tagged('3', 'B', 'a'),
  },
  { it: 'as who may pull', ask: ['GET', tagList], by: 'writer', is: [200] },
  ...['-1', 'x', '1.5', '99999999999999999999', ''].map((n): Row => ({
    it: `${JSON.stringify(n)} tags`,
    ask: ['GET', `${tagList}?n=${n}`],
    is: [400, 'PAGINATION_NUMBER_INVALID'],
  })),
  { it: 'tags of no repository', ask: ['GET', '/v2/team/absent/tags/list'], is: [404, 'NAME_UNKNOWN'] },
  {
    it: 'tags of a public repository',
    ask: ['GET', '/v2/open/app/tags/list'],
    by: 'anonymous',
    is: [200],
    text: '{"name":"open/app","tags":["1"]}',
  },
  {
    it: 'tags of what is hidden',
    ask: ['GET', '/v2/secret/app/tags/list'],
    by: 'stranger',
    is: [401, 'UNAUTHORIZED'],
    answers: challenge('repository:secret/app:pull', 'insufficient_scope'),
  },
];

const names = (...repositories: string[]) => JSON.stringify({ repositories });

const catalog: readonly Row[] = [
  {
    it: 'the catalog',
    ask: ['GET', '/v2/_catalog'],
    is: [200],
    text: names('open/app', 'secret/app', 'team/app'),
  },
  { it: 'the head of the catalog', ask: ['HEAD', '/v2/_catalog'], is: [200], mirrorsGet: true },
  { it: 'the catalog with Basic', ask: ['GET', '/v2/_catalog'], by: 'password', is: [200] },
  {
    it: 'the catalog as nobody',
    ask: ['GET', '/v2/_catalog'],
    by: 'anonymous',
    is: [200],
    text: names('open/app'),
  },
  {
    it: 'the catalog of another',
    ask: ['GET', '/v2/_catalog'],
    by: 'writer',
    is: [200],
    text: names('open/app', 'team/app'),
  },
  {
    it: 'a page of the catalog',
    ask: ['GET', '/v2/_catalog?n=1'],
    is: [200],
    text: names('open/app'),
    answers: { link: '</v2/_catalog?last=open%2Fapp&n=1>; rel="next"' },
  },
  {
    it: 'the page after it',
    ask: ['GET', '/v2/_catalog?last=open%2Fapp&n=1'],
    is: [200],
    text: names('secret/app'),
    answers: { link: '</v2/_catalog?last=secret%2Fapp&n=1>; rel="next"' },
  },
  {
    it: 'the last page',
    ask: ['GET', '/v2/_catalog?last=secret%2Fapp&n=1'],
    is: [200],
    text: names('team/app'),
    answers: { link: null },
  },
  { it: 'too few names', ask: ['GET', '/v2/_catalog?n=-1'], is: [400, 'PAGINATION_NUMBER_INVALID'] },
];

const referrers: readonly Row[] = [
  {
    it: 'referrers of what has none',
    ask: ['GET', referrersOf(absent)],
    is: [200],
    text: JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [] }),
    answers: { 'content-type': indexType, 'oci-filters-applied': null, link: null },
  },
  {
    it: 'referrers in no repository',
    ask: ['GET', `/v2/team/absent/referrers/${absent}`],
    is: [200],
    text: /"manifests":\[\]/,
    answers: { 'content-type': indexType },
  },
  { it: 'referrers of a tag', ask: ['GET', referrersOf('1')], is: [400, 'DIGEST_INVALID'] },
  {
    it: 'referrers of what is no digest',
    ask: ['GET', referrersOf('sha256:1')],
    is: [400, 'DIGEST_INVALID'],
  },
  ...[...artifacts, signature].map((body, at): Row => ({
    it: `referrer ${at}`,
    ask: ['PUT', manifestOf(sha256(body))],
    body,
    is: [201],
    answers: { 'oci-subject': digest },
  })),
  {
    it: 'the referrers of one type',
    ask: ['GET', `${referrersOf(digest)}?artifactType=application/x.signature`],
    is: [200],
    text: new RegExp(`"manifests":\\[\\{[^[]*"digest":"${sha256(signature)}"[^[]*"name":"c"[^[]*\\]`),
    answers: { 'oci-filters-applied': 'artifactType', 'content-type': indexType },
  },
  { it: 'the head of the referrers', ask: ['HEAD', referrersOf(digest)], is: [200], mirrorsGet: true },
  {
    it: 'a page of one type',
    ask: ['GET', `${referrersOf(digest)}?artifactType=application/x.note&n=1`],
    is: [200],
    text: new RegExp(first),
    answers: {
      link: `<${referrersOf(digest)}?artifactType=application%2Fx.note&last=${encodeURIComponent(first)}&n=1>; rel="next"`,
    },
  },
  {
    it: 'the page after it, of that type',
    ask: [
      'GET',
      `${referrersOf(digest)}?artifactType=application%2Fx.note&last=${encodeURIComponent(first)}&n=1`,
    ],
    is: [200],
    text: new RegExp(second),
    answers: { link: null },
  },
  {
    it: 'a type that nothing has',
    ask: ['GET', `${referrersOf(digest)}?artifactType=other`],
    is: [200],
    text: /"manifests":\[\]/,
    answers: { 'oci-filters-applied': 'artifactType' },
  },
  {
    it: 'too few referrers',
    ask: ['GET', `${referrersOf(digest)}?n=-1`],
    is: [400, 'PAGINATION_NUMBER_INVALID'],
  },
  {
    it: 'a referrer of a sha512',
    ask: ['PUT', manifestOf('long')],
    body: ofLong,
    is: [201],
    answers: { 'oci-subject': sha512(manifest) },
  },
  {
    it: 'the referrers of that sha512',
    ask: ['GET', referrersOf(sha512(manifest))],
    is: [200],
    text: new RegExp(sha256(ofLong)),
  },
  { it: 'a referrer goes', ask: ['DELETE', manifestOf(sha256(signature))], is: [202] },
  {
    it: 'and is in the list no longer',
    ask: ['GET', `${referrersOf(digest)}?artifactType=application/x.signature`],
    is: [200],
    text: /"manifests":\[\]/,
  },
  { it: 'a blob is no referrer', ask: ['GET', blobOf(sha256(signature))], is: [404, 'BLOB_UNKNOWN'] },
];

export const lists: Table = { name: 'lists', rows: [...tags, ...catalog, ...referrers] };
