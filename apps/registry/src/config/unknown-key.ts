import { nearest } from '@berth/protocol';
import { notesOf } from './keys.ts';
import type { Key } from './keys.ts';
import { join, parentOf } from './origins.ts';

/** Keys whose loss would open the registry or its connections: misplaced, they are an error. */
const neverMisplaced = new Set(['auth', 'tls']);

/** What to say of a key that its section does not have, and whether Berth may start with it. */
export type UnknownKey = { message: string; fatal: boolean };

/** Judges the key `name`, found in the section `parent` at `path`. A right place elsewhere is told before a likeness nearby. */
export function judgeUnknownKey(root: Key, parent: Key, path: string, name: string): UnknownKey {
  const { children = {}, closed = false } = notesOf(parent);
  const full = join(path, name);
  const places = placesOf(root, name);
  if (places.length > 0 && places.length <= 2) {
    const fatal = closed || neverMisplaced.has(name);
    return {
      message: `${full} is in the wrong place${withoutEffect(fatal)}; ${belongs(name, places)}`,
      fatal,
    };
  }
  const meant = nearest(name, Object.keys(children));
  const fatal = closed || isOwnKeyMisspelt(name, children);
  return {
    message: `${full} is not a known key${withoutEffect(fatal)}${hint(path, meant, children, fatal)}`,
    fatal,
  };
}

function withoutEffect(fatal: boolean): string {
  return fatal ? '' : ' and has no effect';
}

/** The original never had such a key, so no file of it can hold one by accident. */
function isOwnKeyMisspelt(name: string, children: Record<string, Key>): boolean {
  const own = Object.keys(children).filter((child) => notesOf(children[child]!).own);
  return nearest(name, own, 0.85) !== undefined;
}

function belongs(name: string, places: readonly string[]): string {
  const parents = places.map((place) => parentOf(place) || 'the top level');
  const [first, ...others] = [...new Set(parents)];
  return first === 'the top level'
    ? `${name} belongs at the top level`
    : `it belongs under ${[first, ...others].join(' or ')}`;
}

function hint(
  path: string,
  meant: string | undefined,
  children: Record<string, Key>,
  fatal: boolean,
): string {
  if (meant !== undefined) return `; did you mean ${join(path, meant)}?`;
  return fatal ? `; ${path} has ${Object.keys(children).join(', ') || 'no keys'}` : '';
}

/** Every path in the schema that ends in `name`. */
function placesOf(key: Key, name: string, path = ''): string[] {
  return Object.entries(notesOf(key).children ?? {}).flatMap(([child, below]) => {
    const at = join(path, child);
    if (notesOf(below).alias) return [];
    return (child === name ? [at] : []).concat(placesOf(below, name, at));
  });
}
