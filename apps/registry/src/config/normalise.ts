import { notesOf } from './keys.ts';
import type { Key } from './keys.ts';

/** A mapping of the file. */
export type Section = Record<string, unknown>;

export function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value with everything that means "not given" taken out (null, an empty text, a section without keys), and every choice
 * spelled out: `auth: none` and `auth: {none: }` are both `{none: {}}`. Undefined where nothing is left.
 */
export function normalise(key: Key, value: unknown): unknown {
  const { shape, choice, children } = notesOf(key);
  if (choice === 'alternative' && isBlank(value)) return {};
  if (isNothing(value) || (shape === 'free' && isBlank(value))) return undefined;
  if (shape === 'free' || !isSection(value)) {
    return choice === 'of alternatives' && typeof value === 'string' ? { [value]: {} } : value;
  }
  const given = Object.entries(value).flatMap(([name, below]) => {
    const child = childOf(children, name);
    const kept = child === undefined ? below : normalise(child, below);
    return kept === undefined ? [] : [[name, kept] as const];
  });
  return given.length === 0 && choice !== 'alternative' ? undefined : Object.fromEntries(given);
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

function isBlank(value: unknown): boolean {
  return isNothing(value) || (isSection(value) && Object.values(value).every(isBlank));
}

/** The key `name` of a section, if the schema has it; a file may name keys such as `constructor`. */
export function childOf(children: Record<string, Key> | undefined, name: string): Key | undefined {
  return children !== undefined && Object.hasOwn(children, name) ? children[name] : undefined;
}
