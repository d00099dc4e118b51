import { basic, imageManifest, imageType, indexType, sha256, sha512 } from './support/registry.ts';

export const config = '{"architecture":"amd64","os":"linux"}';
export const layer = 'the bytes of a layer';
export const manifest = imageManifest(config, [layer]);
const absent = sha256('never pushed');
const index = JSON.stringify({
  schemaVersion: 2,
  mediaType: indexType,
  manifests: [{ mediaType: imageType, digest: sha256(manifest), size: manifest.length }],
});
const artifact = imageManifest(config, [], {
  artifactType: 'application/x.note',
  annotations: { note: 'for the image' },
  subject: { mediaType: imageType, digest: sha256(manifest), size: manifest.length },
});

/** One request and what has to come back. */
export interface Row {
  readonly it: string;
  /** Method and target. */
  readonly ask: readonly [string, string];
  /** `password`: the admin with Basic. Default: a token for all of `team/app`, and for the catalog. */
  readonly by?: 'nobody' | 'password';
  /** Content-Type; that of an image for PUT. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Status, and the code of the error. */
  readonly is: readonly [number, string?];
  /** Headers of the answer; `null`: not there. */
  readonly answers?: Readonly<Record<string, string | RegExp | null>>;
  readonly text?: string | RegExp;
}

export const uploads = '/v2/team/app/blobs/uploads/';
export const manifestOf = (reference: string) => `/v2/team/app/manifests/${reference}`;
const blob = (digest: string) => `/v2/team/app/blobs/${digest}`;

/** The scopes that the challenge asks for, at its end. */
function challenge(scope: string, error?: string) {
  const literal = scope.replaceAll('*', String.raw`\*`);
  return {
    'www-authenticate': new RegExp(`,scope="${literal}"${error === undefined ? '' : `,error="${error}"`}$`),
  };
}

/** In this order, on a registry that holds `team/app:1` and nothing else. */
export const rows: readonly Row[] = [
  // The doors
  {
    it: 'the base without a token',
    ask: ['GET', '/v2/'],
    by: 'nobody',
    is: [401, 'UNAUTHORIZED'],
    answers: {
      'www-authenticate': /^Bearer realm="http:\/\/127\.0\.0\.1:\d+\/auth\/token",service="berth"$/,
      'docker-distribution-api-version': 'registry/2.0',
    },
  },
  { it: 'the base with any token', ask: ['GET', '/v2/'], is: [200], text: '{}' },
  { it: 'the base without its slash', ask: ['GET', '/v2'], is: [200] },
  { it: 'the base with pre-emptive Basic', ask: ['GET', '/v2/'], by: 'password', is: [200] },
  {
    it: 'the base with a wrong password',
    ask: ['GET', '/v2/'],
    headers: { authorization: basic({ user: 'admin', password: 'no' }) },
    is: [401],
    answers: { 'www-authenticate': /^Bearer / },
  },
  {
    it: 'the base with what is no token',
    ask: ['GET', '/v2/'],
    headers: { authorization: 'Bearer nonsense' },
    is: [401],
    answers: { 'www-authenticate': /error="invalid_token"$/ },
  },
  {
    it: 'the base by another method',
    ask: ['POST', '/v2/'],
    is: [405, 'UNSUPPORTED'],
    answers: { allow: 'GET, HEAD' },
  },
  {
    it: 'a manifest without a token',
    ask: ['GET', manifestOf('1')],
    by: 'nobody',
    is: [401],
    answers: challenge('repository:team/app:pull'),
  },
  {
    it: 'a push without a token',
    ask: ['POST', uploads],
    by: 'nobody',
    is: [401],
    answers: challenge('repository:team/app:pull,push'),
  },
  {
    it: 'a deletion without a token',
    ask: ['DELETE', manifestOf('1')],
    by: 'nobody',
    is: [401],
    answers: challenge('repository:team/app:delete'),
  },
  {
    it: 'a mount without a token',
    ask: ['POST', `${uploads}?mount=${absent}&from=other/repo`],
    by: 'nobody',
    is: [401],
    answers: challenge('repository:team/app:pull,push repository:other/repo:pull'),
  },
  {
    it: 'another repository than the token is for',
    ask: ['GET', '/v2/team/other/manifests/1'],
    is: [401],
    answers: challenge('repository:team/other:pull', 'insufficient_scope'),
  },
  {
    it: 'the catalog without a token',
    ask: ['GET', '/v2/_catalog'],
    by: 'nobody',
    is: [401],
    answers: challenge('registry:catalog:*'),
  },
  { it: 'a door for people', ask: ['GET', '/'], by: 'nobody', is: [200] },
  { it: 'a door for load balancers', ask: ['GET', '/healthz'], by: 'nobody', is: [200] },

  // Addresses that are none
  { it: 'nothing at all', ask: ['GET', '/nothing'], is: [404, 'NOT_FOUND'] },
  { it: 'nothing in the API', ask: ['GET', '/v2/team/app/nothing/1'], is: [404, 'NOT_FOUND'] },
  { it: 'tags without list', ask: ['GET', '/v2/team/app/tags'], is: [404, 'NOT_FOUND'] },
  { it: 'a manifest without a reference', ask: ['GET', '/v2/team/app/manifests/'], is: [404, 'NOT_FOUND'] },
  { it: 'a catalog by another spelling', ask: ['GET', '//v2/_catalog'], is: [404] },
  { it: 'a name in upper case', ask: ['GET', '/v2/Team/app/manifests/1'], is: [400, 'NAME_INVALID'] },
  { it: 'a name with an empty part', ask: ['GET', '/v2/team//app/manifests/1'], is: [400, 'NAME_INVALID'] },
  { it: 'a name that climbs', ask: ['GET', '/v2/team/..%2f..%2fetc/manifests/1'], is: [400, 'NAME_INVALID'] },
  {
    it: 'a name of 256 characters',
    ask: ['GET', `/v2/${'a'.repeat(256)}/manifests/1`],
    is: [400, 'NAME_INVALID'],
  },
  {
    it: 'a method that manifests do not have',
    ask: ['PATCH', manifestOf('1')],
    is: [405, 'UNSUPPORTED'],
    answers: { allow: 'DELETE, GET, HEAD, PUT' },
  },
  {
    it: 'a method that nobody has',
    ask: ['PROPFIND', blob(absent)],
    is: [405],
    answers: { allow: 'DELETE, GET, HEAD' },
  },

  // Reading
  {
    it: 'a manifest by tag',
    ask: ['GET', manifestOf('1')],
    is: [200],
    text: manifest,
    answers: {
      'content-type': imageType,
      'docker-content-digest': sha256(manifest),
      'content-length': String(manifest.length),
      etag: `"${sha256(manifest)}"`,
    },
  },
  { it: 'a manifest by digest', ask: ['GET', manifestOf(sha256(manifest))], is: [200], text: manifest },
  {
    it: 'a digest with an escaped colon',
    ask: ['GET', manifestOf(sha256(manifest).replace(':', '%3A'))],
    is: [200],
  },
  {
    it: 'the head of a manifest',
    ask: ['HEAD', manifestOf('1')],
    is: [200],
    text: '',
    answers: { 'content-length': String(manifest.length), 'docker-content-digest': sha256(manifest) },
  },
  { it: 'a tag that is not there', ask: ['GET', manifestOf('2')], is: [404, 'MANIFEST_UNKNOWN'] },
  { it: 'the head of what is not there', ask: ['HEAD', manifestOf('2')], is: [404], text: '' },
  { it: 'a digest that is not there', ask: ['GET', manifestOf(absent)], is: [404, 'MANIFEST_UNKNOWN'] },
  { it: 'a reference that is neither', ask: ['GET', manifestOf('sha256:abc')], is: [400, 'DIGEST_INVALID'] },
  { it: 'a tag that is none', ask: ['GET', manifestOf('.hidden')], is: [400, 'TAG_INVALID'] },
  {
    it: 'a blob',
    ask: ['GET', blob(sha256(layer))],
    is: [200],
    text: layer,
    answers: {
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      'docker-content-digest': sha256(layer),
    },
  },
  {
    it: 'the head of a blob',
    ask: ['HEAD', blob(sha256(layer))],
    is: [200],
    text: '',
    answers: { 'content-length': String(layer.length) },
  },
  {
    it: 'the middle of a blob',
    ask: ['GET', blob(sha256(layer))],
    headers: { range: 'bytes=4-8' },
    is: [206],
    text: layer.slice(4, 9),
    answers: { 'content-range': `bytes 4-8/${layer.length}`, 'content-length': '5' },
  },
  {
    it: 'the end of a blob',
    ask: ['GET', blob(sha256(layer))],
    headers: { range: 'bytes=-5' },
    is: [206],
    text: 'layer',
  },
  {
    it: 'the rest of a blob',
    ask: ['GET', blob(sha256(layer))],
    headers: { range: 'bytes=15-' },
    is: [206],
    text: 'layer',
  },
  {
    it: 'a range behind the end',
    ask: ['GET', blob(sha256(layer))],
    headers: { range: 'bytes=100-' },
    is: [416, 'RANGE_INVALID'],
    answers: { 'content-range': `bytes */${layer.length}` },
  },
  {
    it: 'a range that is none',
    ask: ['GET', blob(sha256(layer))],
    headers: { range: 'lines=1-2' },
    is: [200],
    text: layer,
  },
  { it: 'a blob that is not there', ask: ['GET', blob(absent)], is: [404, 'BLOB_UNKNOWN'] },
  { it: 'a blob by what is no digest', ask: ['GET', blob('sha256:abc')], is: [400, 'DIGEST_INVALID'] },
  {
    it: 'a blob by another algorithm',
    ask: ['GET', blob('md5:d41d8cd98f00b204e9800998ecf8427e')],
    is: [400, 'DIGEST_INVALID'],
  },
  {
    it: 'the tags',
    ask: ['GET', '/v2/team/app/tags/list'],
    is: [200],
    text: '{"name":"team/app","tags":["1"]}',
  },
  {
    it: 'no tags',
    ask: ['GET', '/v2/team/app/tags/list?n=0'],
    is: [200],
    text: '{"name":"team/app","tags":[]}',
  },
  {
    it: 'tags after the last',
    ask: ['GET', '/v2/team/app/tags/list?last=1'],
    is: [200],
    text: '{"name":"team/app","tags":[]}',
    answers: { link: null },
  },
  {
    it: 'a negative number of tags',
    ask: ['GET', '/v2/team/app/tags/list?n=-1'],
    is: [400, 'PAGINATION_NUMBER_INVALID'],
  },
  {
    it: 'a number of tags that no memory holds',
    ask: ['GET', '/v2/team/app/tags/list?n=99999999999999999999'],
    is: [400, 'PAGINATION_NUMBER_INVALID'],
  },
  { it: 'the catalog', ask: ['GET', '/v2/_catalog'], is: [200], text: '{"repositories":["team/app"]}' },
  {
    it: 'referrers of what has none',
    ask: ['GET', `/v2/team/app/referrers/${absent}`],
    is: [200],
    answers: { 'content-type': indexType },
    text: /"manifests":\[\]/,
  },

  // Pushing manifests
  {
    it: 'an index',
    ask: ['PUT', manifestOf('all')],
    type: indexType,
    body: index,
    is: [201],
    answers: { location: manifestOf(sha256(index)), 'docker-content-digest': sha256(index) },
  },
  {
    it: 'the same again',
    ask: ['PUT', manifestOf('1')],
    body: manifest,
    is: [201],
    answers: { 'docker-content-digest': sha256(manifest) },
  },
  {
    it: 'by its sha512',
    ask: ['PUT', manifestOf(sha512(manifest))],
    body: manifest,
    is: [201],
    answers: { 'docker-content-digest': sha512(manifest) },
  },
  { it: 'by its sha512, read back', ask: ['GET', manifestOf(sha512(manifest))], is: [200], text: manifest },
  {
    it: 'a type with parameters',
    ask: ['PUT', manifestOf('1')],
    headers: { 'content-type': `${imageType}; charset=utf-8` },
    body: manifest,
    is: [201],
  },
  {
    it: 'a referrer',
    ask: ['PUT', manifestOf(sha256(artifact))],
    body: artifact,
    is: [201],
    answers: { 'oci-subject': sha256(manifest) },
  },
  {
    it: 'the referrer in the list',
    ask: ['GET', `/v2/team/app/referrers/${sha256(manifest)}?artifactType=application/x.note`],
    is: [200],
    text: new RegExp(`"digest":"${sha256(artifact)}".*"for the image"`),
    answers: { 'oci-filters-applied': 'artifactType' },
  },
  {
    it: 'another type in the list',
    ask: ['GET', `/v2/team/app/referrers/${sha256(manifest)}?artifactType=other`],
    is: [200],
    text: /"manifests":\[\]/,
  },
  {
    it: 'a digest that is another one',
    ask: ['PUT', manifestOf(absent)],
    body: manifest,
    is: [400, 'DIGEST_INVALID'],
  },
  { it: 'what is not JSON', ask: ['PUT', manifestOf('bad')], body: '{', is: [400, 'MANIFEST_INVALID'] },
  { it: 'nothing', ask: ['PUT', manifestOf('bad')], body: '', is: [400, 'MANIFEST_INVALID'] },
  { it: 'a list', ask: ['PUT', manifestOf('bad')], body: '[]', is: [400, 'MANIFEST_INVALID'] },
  {
    it: 'bytes that are no text',
    ask: ['PUT', manifestOf('bad')],
    body: '\ud800',
    is: [400, 'MANIFEST_INVALID'],
  },
  {
    it: 'no type',
    ask: ['PUT', manifestOf('bad')],
    type: '',
    body: imageManifest(config, [], { mediaType: undefined }),
    is: [400, 'MANIFEST_INVALID'],
  },
  {
    it: 'a type that says another thing',
    ask: ['PUT', manifestOf('bad')],
    type: indexType,
    body: manifest,
    is: [400, 'MANIFEST_INVALID'],
  },
  {
    it: 'an unknown type',
    ask: ['PUT', manifestOf('bad')],
    type: 'text/plain',
    body: '{}',
    is: [400, 'MANIFEST_INVALID'],
  },
  {
    it: 'Docker schema 1',
    ask: ['PUT', manifestOf('bad')],
    type: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
    body: '{"schemaVersion":1}',
    is: [400, 'MANIFEST_INVALID'],
    text: /schema 1 manifests are not supported/,
  },
  {
    it: 'both an image and an index',
    ask: ['PUT', manifestOf('bad')],
    body: JSON.stringify({ ...JSON.parse(manifest), manifests: [] }),
    is: [400, 'MANIFEST_INVALID'],
  },
  {
    it: 'a layer that is not here',
    ask: ['PUT', manifestOf('bad')],
    body: imageManifest(config, ['elsewhere']),
    is: [400, 'MANIFEST_BLOB_UNKNOWN'],
    text: new RegExp(sha256('elsewhere')),
  },
  {
    it: 'a child that is not here',
    ask: ['PUT', manifestOf('bad')],
    type: indexType,
    body: index.replace(sha256(manifest), absent),
    is: [400, 'MANIFEST_BLOB_UNKNOWN'],
  },
  {
    it: 'a descriptor without a digest',
    ask: ['PUT', manifestOf('bad')],
    body: JSON.stringify({ ...JSON.parse(manifest), layers: [{ mediaType: 'x', size: 1 }] }),
    is: [400, 'MANIFEST_INVALID'],
    text: /layers\.0\.digest/,
  },
  {
    it: 'more than 4 MiB',
    ask: ['PUT', manifestOf('bad')],
    body: ' '.repeat(4 * 1024 * 1024 + 1),
    is: [413, 'PAYLOAD_TOO_LARGE'],
  },
  {
    it: 'and none of them is there',
    ask: ['GET', '/v2/team/app/tags/list'],
    is: [200],
    text: '{"name":"team/app","tags":["1","all"]}',
  },
  {
    it: 'a page of tags',
    ask: ['GET', '/v2/team/app/tags/list?n=1'],
    is: [200],
    text: '{"name":"team/app","tags":["1"]}',
    answers: { link: '</v2/team/app/tags/list?last=1&n=1>; rel="next"' },
  },

  // Pushing blobs
  {
    it: 'a blob in one request',
    ask: ['POST', `${uploads}?digest=${sha256('one')}`],
    body: 'one',
    is: [201],
    answers: { location: blob(sha256('one')) },
  },
  { it: 'a blob by its sha512', ask: ['POST', `${uploads}?digest=${sha512('one')}`], body: 'one', is: [201] },
  { it: 'the blob by its sha512', ask: ['GET', blob(sha512('one'))], is: [200], text: 'one' },
  { it: 'the empty blob', ask: ['POST', `${uploads}?digest=${sha256('')}`], is: [201] },
  {
    it: 'the empty blob, read back',
    ask: ['GET', blob(sha256(''))],
    is: [200],
    text: '',
    answers: { 'content-length': '0' },
  },
  {
    it: 'a range of the empty blob',
    ask: ['GET', blob(sha256(''))],
    headers: { range: 'bytes=0-' },
    is: [416],
  },
  {
    it: 'a blob that is another one',
    ask: ['POST', `${uploads}?digest=${absent}`],
    body: 'one',
    is: [400, 'DIGEST_INVALID'],
  },
  { it: 'and it is not there', ask: ['HEAD', blob(absent)], is: [404] },
  {
    it: 'a blob with a digest that is none',
    ask: ['POST', `${uploads}?digest=sha256:abc`],
    body: 'one',
    is: [400, 'DIGEST_INVALID'],
  },
  {
    it: 'an upload begins',
    ask: ['POST', uploads],
    is: [202],
    answers: {
      location: /^\/v2\/team\/app\/blobs\/uploads\/[0-9a-f-]{36}$/,
      range: '0-0',
      'docker-upload-uuid': /^[0-9a-f-]{36}$/,
    },
  },
  {
    it: 'an upload that never began',
    ask: ['PATCH', `${uploads}00000000-0000-0000-0000-000000000000`],
    body: 'x',
    is: [404, 'BLOB_UPLOAD_UNKNOWN'],
  },
  {
    it: 'an upload with a name that climbs',
    ask: ['PATCH', `${uploads}..%2f..%2fberth.db`],
    body: 'x',
    is: [404, 'BLOB_UPLOAD_UNKNOWN'],
  },
  {
    it: 'the status of an upload that never began',
    ask: ['GET', `${uploads}nothing`],
    is: [404, 'BLOB_UPLOAD_UNKNOWN'],
  },
  {
    it: 'the end of an upload without a digest',
    ask: ['PUT', `${uploads}nothing`],
    is: [400, 'DIGEST_INVALID'],
  },
  {
    it: 'a mount of what is not there',
    ask: ['POST', `${uploads}?mount=${absent}&from=team/app`],
    is: [202],
  },
  {
    it: 'a mount from a name that is none',
    ask: ['POST', `${uploads}?mount=${absent}&from=../etc`],
    is: [202],
  },

  // Deleting
  { it: 'a blob that an image uses', ask: ['DELETE', blob(sha256(layer))], is: [405, 'UNSUPPORTED'] },
  { it: 'a blob that none uses', ask: ['DELETE', blob(sha256('one'))], is: [202] },
  { it: 'the blob after that', ask: ['GET', blob(sha256('one'))], is: [404, 'BLOB_UNKNOWN'] },
  { it: 'the same blob again', ask: ['DELETE', blob(sha256('one'))], is: [404, 'BLOB_UNKNOWN'] },
  { it: 'a tag', ask: ['DELETE', manifestOf('all')], is: [202] },
  { it: 'the manifest that it named', ask: ['GET', manifestOf(sha256(index))], is: [200] },
  { it: 'a manifest', ask: ['DELETE', manifestOf(sha256(manifest))], is: [202] },
  { it: 'its tag', ask: ['GET', manifestOf('1')], is: [404, 'MANIFEST_UNKNOWN'] },
  {
    it: 'the same manifest again',
    ask: ['DELETE', manifestOf(sha256(manifest))],
    is: [404, 'MANIFEST_UNKNOWN'],
  },

  // The administration API
  { it: 'an unknown call', ask: ['GET', '/api/v1/nothing'], by: 'password', is: [404, 'NOT_FOUND'] },
  {
    it: 'a call without credentials',
    ask: ['GET', '/api/v1/me'],
    by: 'nobody',
    is: [401],
    answers: { 'www-authenticate': /^Basic / },
  },
  {
    it: 'a call with a wrong method',
    ask: ['PATCH', '/api/v1/grants'],
    by: 'password',
    is: [405],
    answers: { allow: 'GET, HEAD, POST' },
  },
  {
    it: 'a change as a form',
    ask: ['POST', '/api/v1/users'],
    by: 'password',
    type: 'text/plain',
    body: '{"name":"eve"}',
    is: [415],
  },
  {
    it: 'a change that is not JSON',
    ask: ['POST', '/api/v1/users'],
    by: 'password',
    type: 'application/json',
    body: '{"name"',
    is: [400, 'BAD_REQUEST'],
  },
  {
    it: 'a change with an unknown field',
    ask: ['POST', '/api/v1/users'],
    by: 'password',
    type: 'application/json',
    body: '{"name":"eve","root":true}',
    is: [400, 'BAD_REQUEST'],
    text: /root/,
  },
  {
    it: 'a change that is too long',
    ask: ['POST', '/api/v1/users'],
    by: 'password',
    type: 'application/json',
    body: ' '.repeat(1024 * 1024 + 1),
    is: [413],
  },
  {
    it: 'a repository that is not there',
    ask: ['GET', '/api/v1/repositories/team/nothing'],
    by: 'password',
    is: [404, 'NOT_FOUND'],
  },
  {
    it: 'a repository',
    ask: ['GET', '/api/v1/repositories/team/app'],
    by: 'password',
    is: [200],
    text: /"visibility":"private"/,
  },
  {
    it: 'a change of nothing',
    ask: ['PATCH', '/api/v1/repositories/team/app'],
    by: 'password',
    type: 'application/json',
    body: '{}',
    is: [200],
  },
];
