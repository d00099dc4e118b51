import { imageManifest, imageType, indexType, sha256, sha512 } from '../support/registry.ts';
import { absent, config, digest, indexOf, layer, manifest, manifestOf, type Row, type Table } from './row.ts';

const index = indexOf([manifest]);
const dockerType = 'application/vnd.docker.distribution.manifest.v2+json';
const listType = 'application/vnd.docker.distribution.manifest.list.v2+json';
const docker = imageManifest(config, [layer], { mediaType: dockerType });
const dockerList = indexOf([manifest], { mediaType: listType });
const parsed = JSON.parse(manifest) as Record<string, unknown>;
const without = (field: string) => JSON.stringify({ ...parsed, [field]: undefined });

const reading: readonly Row[] = [
  {
    it: 'by tag',
    ask: ['GET', manifestOf('1')],
    is: [200],
    text: manifest,
    answers: {
      'content-type': imageType,
      'docker-content-digest': digest,
      'content-length': String(manifest.length),
      etag: `"${digest}"`,
    },
  },
  { it: 'by digest', ask: ['GET', manifestOf(digest)], is: [200], text: manifest },
  {
    it: 'by an escaped digest',
    ask: ['GET', manifestOf(digest.replace(':', '%3A'))],
    is: [200],
    text: manifest,
  },
  { it: 'with a token to pull', ask: ['GET', manifestOf('1')], by: 'pull', is: [200], text: manifest },
  { it: 'with Basic', ask: ['GET', manifestOf('1')], by: 'password', is: [200], text: manifest },
  {
    rule: 33,
    it: 'of a public repository, as nobody',
    ask: ['GET', manifestOf('1', 'open/app')],
    by: 'anonymous',
    is: [200],
    text: manifest,
  },
  { it: 'as who may nothing', ask: ['GET', manifestOf('1')], by: 'stranger', is: [401, 'UNAUTHORIZED'] },
  { it: 'the head by tag', ask: ['HEAD', manifestOf('1')], is: [200], mirrorsGet: true },
  { it: 'the head by digest', ask: ['HEAD', manifestOf(digest)], is: [200], mirrorsGet: true },
  { it: 'a tag that is not there', ask: ['GET', manifestOf('2')], is: [404, 'MANIFEST_UNKNOWN'] },
  { it: 'the head of it', ask: ['HEAD', manifestOf('2')], is: [404], mirrorsGet: true },
  { it: 'a digest that is not there', ask: ['GET', manifestOf(absent)], is: [404, 'MANIFEST_UNKNOWN'] },
  {
    it: 'its digest in another repository',
    ask: ['GET', manifestOf(digest, 'team/other')],
    is: [404, 'MANIFEST_UNKNOWN'],
  },
  { it: 'a blob as a manifest', ask: ['GET', manifestOf(sha256(layer))], is: [404, 'MANIFEST_UNKNOWN'] },
  { it: 'a reference that is neither', ask: ['GET', manifestOf('sha256:abc')], is: [400, 'DIGEST_INVALID'] },
  { it: 'a tag that begins with a dot', ask: ['GET', manifestOf('.hidden')], is: [400, 'TAG_INVALID'] },
  { it: 'a tag of 129 characters', ask: ['GET', manifestOf('a'.repeat(129))], is: [400, 'TAG_INVALID'] },
  { it: 'a tag of 128 characters', ask: ['GET', manifestOf('a'.repeat(128))], is: [404, 'MANIFEST_UNKNOWN'] },
];

const pushing: readonly Row[] = [
  {
    it: 'an index',
    ask: ['PUT', manifestOf('all')],
    type: indexType,
    body: index,
    is: [201],
    answers: {
      location: manifestOf(sha256(index)),
      'docker-content-digest': sha256(index),
      'oci-subject': null,
      'oci-tag': null,
    },
  },
  {
    it: 'the index, read back',
    ask: ['GET', manifestOf('all')],
    is: [200],
    text: index,
    answers: { 'content-type': indexType },
  },
  {
    it: 'the same again',
    ask: ['PUT', manifestOf('1')],
    body: manifest,
    is: [201],
    answers: { 'docker-content-digest': digest },
  },
  { it: 'with a token to push', ask: ['PUT', manifestOf('1')], by: 'push', body: manifest, is: [201] },
  {
    it: 'by its sha512',
    ask: ['PUT', manifestOf(sha512(manifest))],
    body: manifest,
    is: [201],
    answers: { location: manifestOf(sha512(manifest)), 'docker-content-digest': sha512(manifest) },
  },
  {
    it: 'by its sha512, read back',
    ask: ['GET', manifestOf(sha512(manifest))],
    is: [200],
    text: manifest,
    answers: { etag: `"${sha512(manifest)}"` },
  },
  {
    it: 'by the sha512 of another',
    ask: ['PUT', manifestOf(sha512('x'))],
    body: manifest,
    is: [400, 'DIGEST_INVALID'],
  },
  {
    it: 'a type with parameters',
    ask: ['PUT', manifestOf('1')],
    type: `${imageType}; charset=utf-8`,
    body: manifest,
    is: [201],
  },
  {
    it: 'a type in upper case',
    ask: ['PUT', manifestOf('1')],
    type: imageType.toUpperCase(),
    body: manifest,
    is: [201],
  },
  {
    it: 'the type in the document only',
    ask: ['PUT', manifestOf('untyped')],
    type: '',
    body: manifest,
    is: [201],
  },
  {
    it: 'the type in the header only',
    ask: ['PUT', manifestOf('bare')],
    body: without('mediaType'),
    is: [201],
  },
  {
    it: 'and it is kept',
    ask: ['GET', manifestOf('bare')],
    is: [200],
    text: without('mediaType'),
    answers: { 'content-type': imageType },
  },
  { it: "Docker's image", ask: ['PUT', manifestOf('docker')], type: dockerType, body: docker, is: [201] },
  {
    it: "Docker's image, read back",
    ask: ['GET', manifestOf('docker')],
    is: [200],
    text: docker,
    answers: { 'content-type': dockerType },
  },
  { it: "Docker's list", ask: ['PUT', manifestOf('list')], type: listType, body: dockerList, is: [201] },
  {
    it: "Docker's list, read back",
    ask: ['GET', manifestOf(sha256(dockerList))],
    is: [200],
    text: dockerList,
    answers: { 'content-type': listType },
  },
  {
    it: 'a layer that is fetched from elsewhere',
    ask: ['PUT', manifestOf('foreign')],
    body: JSON.stringify({
      ...parsed,
      layers: [{ mediaType: 'application/x', digest: absent, size: 1, urls: ['https://example.com/layer'] }],
    }),
    is: [201],
  },
  {
    it: 'without its length',
    ask: ['PUT', manifestOf('1')],
    headers: { 'transfer-encoding': 'chunked' },
    body: manifest,
    is: [201],
  },
];

/** What is pushed under the tag `bad`, and what is wrong. */
const wrong: readonly (Pick<Row, 'it' | 'body' | 'type' | 'text'> & { readonly code?: string })[] = [
  { it: 'what is not JSON', body: '{', text: /not JSON/ },
  { it: 'nothing', body: '' },
  { it: 'a list', body: '[]', text: /no JSON object/ },
  { it: 'null', body: 'null', text: /no JSON object/ },
  { it: 'bytes that are no text', body: new Uint8Array([0x7b, 0xff, 0x7d]) },
  { it: 'brackets without end', body: '['.repeat(2000), text: /nested too deeply/ },
  { it: 'no type', type: '', body: without('mediaType'), text: /no Content-Type/ },
  { it: 'a type that says another thing', type: indexType, body: manifest, text: /Content-Type is/ },
  { it: 'a type that is no text', body: JSON.stringify({ ...parsed, mediaType: 1 }) },
  { it: 'an unknown type', type: 'text/plain', body: '{}', text: /text\/plain are not supported/ },
  {
    it: 'Docker schema 1',
    type: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
    body: '{"schemaVersion":1}',
    text: /schema 1 manifests are not supported/,
  },
  { it: 'another version', body: JSON.stringify({ ...parsed, schemaVersion: 3 }), text: /schemaVersion/ },
  { it: 'no config', body: without('config'), text: /config/ },
  { it: 'no layers', body: without('layers'), text: /layers/ },
  { it: 'an index without manifests', type: indexType, body: '{"schemaVersion":2}', text: /manifests/ },
  { it: 'both an image and an index', body: JSON.stringify({ ...parsed, manifests: [] }), text: /both/ },
  {
    it: 'a descriptor without a digest',
    body: JSON.stringify({ ...parsed, layers: [{ mediaType: 'x', size: 1 }] }),
    text: /layers\.0\.digest/,
  },
  {
    it: 'a negative size',
    body: JSON.stringify({ ...parsed, layers: [{ mediaType: 'x', digest: absent, size: -1 }] }),
    text: /layers\.0\.size/,
  },
  {
    it: 'a subject that is none',
    body: JSON.stringify({ ...parsed, subject: { digest: 'x' } }),
    text: /subject/,
  },
  {
    it: 'a layer that is not here',
    body: imageManifest(config, ['elsewhere']),
    code: 'MANIFEST_BLOB_UNKNOWN',
    text: new RegExp(sha256('elsewhere')),
  },
  {
    it: 'a config that is not here',
    body: imageManifest('{}', [layer]),
    code: 'MANIFEST_BLOB_UNKNOWN',
    text: new RegExp(sha256('{}')),
  },
  {
    it: 'a child that is not here',
    type: indexType,
    body: index.replace(digest, absent),
    code: 'MANIFEST_BLOB_UNKNOWN',
    text: new RegExp(absent),
  },
];

const refused: readonly Row[] = [
  ...wrong.map(({ code = 'MANIFEST_INVALID', ...row }): Row => ({
    ...row,
    ask: ['PUT', manifestOf('bad')],
    is: [400, code],
  })),
  {
    it: 'more than 4 MiB',
    ask: ['PUT', manifestOf('bad')],
    body: ' '.repeat(4 * 1024 * 1024 + 1),
    is: [413, 'PAYLOAD_TOO_LARGE'],
  },
  {
    it: 'a digest that is another one',
    ask: ['PUT', manifestOf(absent)],
    body: manifest,
    is: [400, 'DIGEST_INVALID'],
  },
  { it: 'a tag that is none', ask: ['PUT', manifestOf('-x')], body: manifest, is: [400, 'TAG_INVALID'] },
  { it: 'none of them is there', ask: ['GET', manifestOf('bad')], is: [404, 'MANIFEST_UNKNOWN'] },
];

const deleting: readonly Row[] = [
  { it: 'a tag', ask: ['DELETE', manifestOf('all')], by: 'delete', is: [202], text: '' },
  { it: 'the manifest that it named', ask: ['GET', manifestOf(sha256(index))], is: [200], text: index },
  { it: 'the same tag again', ask: ['DELETE', manifestOf('all')], is: [404, 'MANIFEST_UNKNOWN'] },
  { it: 'what is no reference', ask: ['DELETE', manifestOf('sha256:1')], is: [400, 'DIGEST_INVALID'] },
  { it: 'of no repository', ask: ['DELETE', manifestOf('1', 'team/absent')], is: [404, 'MANIFEST_UNKNOWN'] },
  { it: 'by its sha512', ask: ['DELETE', manifestOf(sha512(manifest))], is: [202] },
  {
    it: 'by its sha512, after that',
    ask: ['GET', manifestOf(sha512(manifest))],
    is: [404, 'MANIFEST_UNKNOWN'],
  },
  {
    it: 'as who may only push',
    ask: ['DELETE', manifestOf(digest)],
    by: 'writer',
    is: [401, 'UNAUTHORIZED'],
  },
  { it: 'by its digest', ask: ['DELETE', manifestOf(digest)], is: [202] },
  { it: 'its tag goes too', ask: ['GET', manifestOf('1')], is: [404, 'MANIFEST_UNKNOWN'] },
  { it: 'the same digest again', ask: ['DELETE', manifestOf(digest)], is: [404, 'MANIFEST_UNKNOWN'] },
];

export const manifests: Table = {
  name: 'manifests',
  rows: [...reading, ...pushing, ...refused, ...deleting],
};
