import * as fc from 'fast-check';
import { imageType, indexType, sha256 } from '../registry.ts';
import { known } from './words.ts';

const descriptor = (content: string, mediaType: string) => ({
  mediaType,
  digest: sha256(content),
  size: Buffer.byteLength(content),
  annotations: { key: 'value' },
  platform: { os: 'linux', architecture: 'amd64', variant: 'v8' },
  urls: ['https://example.org/'],
});

const bases = [
  {
    schemaVersion: 2,
    mediaType: imageType,
    artifactType: 'application/x.note',
    config: descriptor(known.blob, 'application/vnd.oci.image.config.v1+json'),
    layers: [descriptor(known.layer, 'application/vnd.oci.image.layer.v1.tar')],
    subject: descriptor('any', imageType),
    annotations: { key: 'value' },
  },
  { schemaVersion: 2, mediaType: indexType, manifests: [descriptor('any', imageType)], annotations: {} },
  { schemaVersion: 1, name: 'team/app', tag: '1', fsLayers: [{ blobSum: sha256(known.layer) }], history: [] },
];

const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(null, -1, 0, 2 ** 53, 1e308, '', 'sha256:', imageType, indexType, '__proto__', []),
  fc.constantFrom(sha256(known.blob), sha256(known.layer), sha256('never pushed'), '\u0000', '\ud800'),
);

type Mutation = readonly [where: number, value: unknown];

/** Replaces parts of a JSON value, wherever they are; `undefined` takes a part away. */
function mutate(base: unknown, mutations: readonly Mutation[]): unknown {
  const root = { root: structuredClone(base) };
  for (const [where, replacement] of mutations) {
    const places = placesOf(root);
    const [parent, key] = places[where % places.length]!;
    parent[key] = replacement;
  }
  return root.root;
}

/** Every part, as the object that has it and its key. */
function placesOf(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  const own = Object.keys(parent).map((key): [typeof parent, string] => [parent, key]);
  return own.concat(Object.values(parent).flatMap(placesOf));
}

const mutations = fc.array(fc.tuple(fc.nat(1000), fc.oneof(value, fc.constant(undefined))), { maxLength: 3 });

/** A JSON text near to one of these values, and now and then no JSON. */
export function nearlyJson(values: readonly unknown[]): fc.Arbitrary<string> {
  const mutated = fc
    .tuple(fc.constantFrom(...values), mutations)
    .map(([base, changes]) => JSON.stringify(mutate(base, changes)) ?? '');
  const broken = fc
    .tuple(mutated, fc.nat(2000), fc.nat(20), fc.string({ unit: 'binary' }))
    .map(([text, at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
  const deep = fc.constantFrom('['.repeat(50_000), '{"a":'.repeat(50_000), '"', 'null', '', '{}', '\ufeff{}');
  return fc.oneof(
    { weight: 8, arbitrary: mutated },
    { weight: 3, arbitrary: broken },
    { weight: 1, arbitrary: deep },
  );
}

export const manifestText = nearlyJson(bases);
