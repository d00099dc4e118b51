import { OciError, type Digest } from '@berth/protocol';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseManifest } from './manifest.ts';
import { descriptorOf } from './testing/content.ts';

const ociImage = 'application/vnd.oci.image.manifest.v1+json';
const ociIndex = 'application/vnd.oci.image.index.v1+json';
const dockerImage = 'application/vnd.docker.distribution.manifest.v2+json';
const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
const configType = 'application/vnd.oci.image.config.v1+json';

const digests = ['1', '2', '3'].map((digit) => `sha256:${digit.repeat(64)}` as Digest);
const [a, b, c] = digests as [Digest, Digest, Digest];
const config = descriptorOf(a, configType);
const layer = descriptorOf(b);
const image = { schemaVersion: 2, config, layers: [layer] };
const index = { schemaVersion: 2, manifests: [descriptorOf(a, ociImage)] };

const parse = (document: unknown, contentType: string | undefined) =>
  parseManifest(Buffer.from(JSON.stringify(document)), contentType);

describe('accepts', () => {
  test.for([
    [
      'an image',
      image,
      ociImage,
      { mediaType: ociImage, blobs: [a, b], manifests: [], artifactType: configType },
    ],
    ['a Docker image', { ...image, mediaType: dockerImage }, dockerImage, { mediaType: dockerImage }],
    [
      'an index',
      index,
      ociIndex,
      {
        mediaType: ociIndex,
        blobs: [],
        manifests: [{ digest: a, platform: undefined }],
        artifactType: undefined,
      },
    ],
    ['a Docker list', index, dockerList, { mediaType: dockerList, manifests: [{ digest: a }] }],
    [
      'a type named in the document only',
      { ...image, mediaType: ociImage },
      undefined,
      { mediaType: ociImage },
    ],
    [
      'a type with parameters, in capitals',
      image,
      `${ociImage.toUpperCase()}; charset=utf-8`,
      { mediaType: ociImage },
    ],
    ['a blob named twice', { ...image, layers: [layer, layer, config] }, ociImage, { blobs: [a, b] }],
    ['no layers', { ...image, layers: [] }, ociImage, { blobs: [a] }],
    [
      'a child with a platform',
      {
        ...index,
        manifests: [
          { ...descriptorOf(a, ociImage), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
        ],
      },
      ociIndex,
      { manifests: [{ digest: a, platform: { os: 'linux', architecture: 'arm64' } }] },
    ],
    ['no children', { ...index, manifests: [] }, ociIndex, { manifests: [] }],
    [
      'a foreign layer, which need not be here',
      { ...image, layers: [{ ...layer, urls: ['https://example.com/layer'] }] },
      ociImage,
      { blobs: [a], foreignBlobs: [b] },
    ],
    [
      'an empty list of urls, which makes it no foreign layer',
      { ...image, layers: [{ ...layer, urls: [] }] },
      ociImage,
      { blobs: [a, b], foreignBlobs: [] },
    ],
    [
      'a layer that is foreign in one descriptor only',
      { ...image, layers: [layer, { ...layer, urls: ['https://example.com/layer'] }] },
      ociImage,
      { blobs: [a, b], foreignBlobs: [] },
    ],
    ['a subject', { ...image, subject: descriptorOf(c, ociImage) }, ociImage, { subject: c, blobs: [a, b] }],
    [
      'a subject of an index',
      { ...index, subject: descriptorOf(c, ociImage) },
      ociIndex,
      { subject: c, manifests: [{ digest: a }] },
    ],
    ['an artifact type', { ...image, artifactType: 'x/y' }, ociImage, { artifactType: 'x/y' }],
    [
      'an empty artifact type, which is none',
      { ...image, artifactType: '' },
      ociImage,
      { artifactType: configType },
    ],
    ['annotations', { ...image, annotations: { k: 'v' } }, ociImage, { annotations: { k: 'v' } }],
    [
      'what it does not know',
      { ...image, other: { deep: [1] }, config: { ...config, more: 1 } },
      ociImage,
      { blobs: [a, b] },
    ],
  ] as const)('%s', ([, document, contentType, expected]) => {
    expect(parse(document, contentType)).toMatchObject(expected);
  });
});

describe('refuses', () => {
  test.for([
    ['an image that is an index too', { ...image, ...index }, ociImage, /both/],
    ['an index that has layers', { ...index, layers: [] }, ociIndex, /both/],
    ['an index that has a config', { ...index, config: null }, ociIndex, /both/],
    ['two media types', { ...image, mediaType: dockerImage }, ociImage, /Content-Type is/],
    ['no media type', image, undefined, /no Content-Type/],
    ['an empty media type', image, '', /no Content-Type/],
    ['a media type that is no text', { ...image, mediaType: 1 }, ociImage, /no text/],
    ['an unknown type', image, 'text/plain', /text\/plain are not supported/],
    ['Docker schema 1', image, 'application/vnd.docker.distribution.manifest.v1+prettyjws', /schema 1/],
    ['another schema version', { ...image, schemaVersion: 1 }, ociImage, /schemaVersion/],
    ['no schema version', { config, layers: [] }, ociImage, /schemaVersion/],
    ['no config', { schemaVersion: 2, layers: [] }, ociImage, /config/],
    ['no layers', { schemaVersion: 2, config }, ociImage, /layers/],
    ['no list of children', { schemaVersion: 2 }, ociIndex, /manifests/],
    [
      'a digest that is none',
      { ...image, config: { ...config, digest: 'sha256:../../x' } },
      ociImage,
      /config\.digest: is not a digest/,
    ],
    [
      'a digest of an unknown algorithm',
      { ...image, config: { ...config, digest: `md5:${'0'.repeat(32)}` } },
      ociImage,
      /digest/,
    ],
    ['a size below 0', { ...image, layers: [{ ...layer, size: -1 }] }, ociImage, /layers\.0\.size/],
    [
      'a size that is no whole number',
      { ...image, layers: [{ ...layer, size: 1.5 }] },
      ociImage,
      /layers\.0\.size/,
    ],
    ['a subject without a digest', { ...image, subject: {} }, ociImage, /subject/],
    ['an annotation that is no text', { ...image, annotations: { k: 1 } }, ociImage, /annotations\.k/],
    ['a list', [image], ociImage, /no JSON object/],
    ['null', null, ociImage, /no JSON object/],
    ['a text', 'image', ociImage, /no JSON object/],
  ] as const)('%s', ([, document, contentType, message]) => {
    expect(() => parse(document, contentType)).toThrow(
      expect.objectContaining({ code: 'MANIFEST_INVALID', message: expect.stringMatching(message) }),
    );
  });

  test.for([
    ['nothing', ''],
    ['half of a document', '{"schemaVersion":2,'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ] as const)('%s', ([, payload]) => {
    expect(() => parseManifest(Buffer.from(payload), ociImage)).toThrow(
      expect.objectContaining({ code: 'MANIFEST_INVALID' }),
    );
  });
});

describe('throws nothing but MANIFEST_INVALID', () => {
  const types = fc.option(fc.constantFrom(ociImage, ociIndex, dockerImage, dockerList, 'x/y'), {
    nil: undefined,
  });

  const check = (payload: Uint8Array, type: string | undefined) => {
    try {
      const { blobs } = parseManifest(payload, type);
      expect(new Set(blobs).size).toBe(blobs.length);
    } catch (error) {
      expect(error).toBeInstanceOf(OciError);
      expect(error).toMatchObject({ code: 'MANIFEST_INVALID', status: 400 });
    }
  };

  test('for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), types, check));
  });

  test('for any JSON', () => {
    fc.assert(fc.property(fc.json(), types, (text, type) => check(Buffer.from(text), type)));
  });

  test('for a manifest in which anything was replaced', () => {
    const fields = [
      'schemaVersion',
      'mediaType',
      'config',
      'layers',
      'manifests',
      'subject',
      'annotations',
      'artifactType',
    ];
    const whole = { ...image, mediaType: ociImage, subject: descriptorOf(c), annotations: {} };
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), types, (field, value, type) => {
        check(Buffer.from(JSON.stringify({ ...whole, [field]: value })), type);
      }),
    );
  });

  test('for one that is nested very deep', () => {
    check(Buffer.from('['.repeat(1_000_000)), ociImage);
    check(Buffer.from(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), ociImage);
  });
});

describe('depth', () => {
  const withMember = (json: string) =>
    parseManifest(Buffer.from(JSON.stringify(image).replace('{', `{"more":${json},`)), ociImage);

  test.for([
    ['alone', '['.repeat(2000) + ']'.repeat(2000)],
    ['after a text of closing brackets', `["${']'.repeat(2000)}",${'['.repeat(2000)}${']'.repeat(2000)}]`],
    ['with a text of a closing bracket in each', `${'["]",'.repeat(2000)}1${']'.repeat(2000)}`],
    ['after a text that ends with a backslash', `["\\\\",${'["]",'.repeat(2000)}1${']'.repeat(2001)}`],
  ])('of 2,000 brackets is refused: %s', ([, json]) => {
    expect(JSON.parse(json!)).toBeDefined();
    expect(() => withMember(json!)).toThrow('nested too deeply');
  });

  test.for(['[', '\\"[', '{'])('does not count a text of %j', (text) => {
    expect(withMember(JSON.stringify(text.repeat(2000))).blobs).toEqual([a, b]);
  });
});

test('an error repeats no more than a little of the manifest', () => {
  const long = 'x'.repeat(1_000_000);
  const documents = [{ mediaType: long }, { ...image, annotations: { [long]: 1 } }];
  for (const document of documents) {
    const parse = () => parseManifest(Buffer.from(JSON.stringify(document)), undefined);
    expect(parse).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,300}$/) }));
  }
});
