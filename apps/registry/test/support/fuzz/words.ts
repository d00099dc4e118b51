import * as fc from 'fast-check';
import { sha256, sha512 } from '../registry.ts';

/** What the registry under test holds: `team/app` with this blob, and this manifest as tag `1`. */
export const known = {
  repository: 'team/app',
  blob: '{"architecture":"amd64","os":"linux"}',
  layer: 'the bytes of a layer',
} as const;

const character = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((code) => String.fromCharCode(code));

/** What node:http lets into a header. */
export const headerText = fc.string({ unit: fc.oneof(character(0x20, 0x7e), character(0x80, 0xff)) });

/** What HTTP lets into a target. */
const targetText = fc.string({ unit: character(0x21, 0x7e) });

const escaped = fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed()));

const traps = fc.oneof(
  fc.constantFrom('', '.', '..', '%2e%2e', '%2F', '%00', '%', '%zz', '%C0%AF', '%0d%0a', '-', '_', '__'),
  fc.constantFrom('A', 'a--b', 'a__b', 'a..b', 'manifests', 'blobs', 'uploads', 'tags', 'list', 'referrers'),
  fc.constantFrom('_catalog', 'v2', '?', '#', ';', '*', '__proto__', 'constructor', 'null', 'NaN', '0', '-1'),
  fc.constantFrom("'", '"', '`', '\\', 'a'.repeat(128), 'a'.repeat(129), 'a'.repeat(255), 'a'.repeat(256)),
  fc.constantFrom('a/'.repeat(120), 'x'.repeat(1000)),
);

export const word = fc.oneof(traps, targetText, escaped);

const component = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,8})?$/);
export const name = fc.oneof(
  { weight: 4, arbitrary: fc.constant(known.repository) },
  {
    weight: 2,
    arbitrary: fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  },
  {
    weight: 4,
    arbitrary: fc.array(fc.oneof(component, word), { maxLength: 5 }).map((parts) => parts.join('/')),
  },
);

export const tag = fc.oneof(fc.constant('1'), fc.stringMatching(/^\w[\w.-]{0,20}$/), word);

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
export const knownDigest = fc.constantFrom(sha256(known.blob), sha256(known.layer), sha512(known.blob));
export const digest = fc.oneof(
  { weight: 4, arbitrary: knownDigest },
  hex(64).map((text) => `sha256:${text}`),
  hex(128).map((text) => `sha512:${text}`),
  fc.constantFrom('sha256:', 'sha256', ':', `SHA256:${'a'.repeat(64)}`, `sha256:${'A'.repeat(64)}`),
  fc.constantFrom(`sha256:${'a'.repeat(63)}`, `sha1:${'a'.repeat(40)}`, `sha256%3A${'a'.repeat(64)}`),
  fc.tuple(word, word).map((parts) => parts.join(':')),
);

export const number = fc.oneof(
  { weight: 4, arbitrary: fc.nat(50).map(String) },
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.double().map(String),
  fc.constantFrom('', ' ', '+1', '00', '0x10', '1e3', '9'.repeat(400), '１'),
);

/** Escapes what may not stand in a target, and nothing else. */
function targetOf(text: string): string {
  return text.toWellFormed().replaceAll(/[^\x21-\x7e]+/g, encodeURIComponent);
}

/** `key=value&…`, with keys of this list more often than others. */
export function query(keys: readonly string[], value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const key = fc.constantFrom(...keys);
  const pair = fc.tuple(fc.oneof(key, key, word), value.map(targetOf));
  return fc.array(pair, { maxLength: 4 }).map((pairs) => pairs.map((parts) => parts.join('=')).join('&'));
}
