import { z } from 'zod';
import type { Scalar } from './scalars.ts';

/**
 * The words in which `schema.ts` is written. Each makes a zod schema and notes beside it what zod does not know: what the key
 * means, whether Berth acts on it, what lies under it. The overrides, the hints and the reference page walk these notes.
 */
export type Key = z.ZodType;

/**
 * - `acts`: Berth does what the key says.
 * - `covered`: what the key asks for holds anyway.
 * - `ignored`: a key of the original without effect here: one warning.
 * - `refused`: as ignored, but to start without it would be unsafe or misleading: an error.
 */
export type Effect = 'acts' | 'covered' | 'ignored' | 'refused';

export type KeyNotes = {
  meaning: string;
  effect: Effect;
  shape: 'scalar' | 'list' | 'section' | 'free';
  /** How the value is written, for people. */
  type: string;
  /** The default as it would be written in the file. */
  default?: string;
  /** The keys of a section. */
  children?: Record<string, Key>;
  /** The entries of a list. */
  entry?: Key;
  /** A section of which one alternative is chosen by naming it: `auth: none`, `auth: {none: }`, `REGISTRY_AUTH=none`. */
  choice?: 'of alternatives' | 'alternative';
  /** Not a key of the original registry: a misspelling of it is an error, and so is an unknown key under it. */
  own?: boolean;
  /** Another name of a key; what is below is said there. */
  alias?: boolean;
  /** An unknown key under it is an error. */
  closed?: boolean;
  /** The value never appears in a message. */
  secret?: boolean;
  /** Whether a given value asks for what Berth does anyway; where not, a `covered` key is reported like an ignored one. */
  holds?: (value: unknown) => boolean;
};

const notes = new WeakMap<Key, KeyNotes>();

function noted<K extends Key>(key: K, about: KeyNotes): K {
  notes.set(key, about);
  return key;
}

export function notesOf(key: Key): KeyNotes {
  const found = notes.get(key);
  if (found === undefined) throw new TypeError('a key was made without the words of keys.ts');
  return found;
}

type Marks = { own?: boolean; secret?: boolean };

function reader<T>({ name, read }: Scalar<T>, { secret }: Marks) {
  const error = ({ input }: { input?: unknown }) => (input === undefined ? 'is missing' : `must be ${name}`);
  return z.string({ error }).transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue(`must be ${name}${secret ? '' : `, not ${JSON.stringify(text)}`}`);
    return z.NEVER;
  });
}

/** A single value that need not be given. */
export function optional<T>(scalar: Scalar<T>, meaning: string, marks: Marks = {}) {
  const key = reader(scalar, marks).optional();
  return noted(key, { ...marks, meaning, effect: 'acts', shape: 'scalar', type: scalar.name });
}

/** A single value with a default, written as in the file. */
export function value<T>(scalar: Scalar<T>, fallback: string, meaning: string, marks: Marks = {}) {
  const key = reader(scalar, marks).prefault(fallback);
  const type = scalar.name;
  return noted(key, { ...marks, meaning, effect: 'acts', shape: 'scalar', type, default: fallback });
}

/** A single value without which the section around it means nothing. */
export function required<T>(scalar: Scalar<T>, meaning: string) {
  return noted(reader(scalar, {}), { meaning, effect: 'acts', shape: 'scalar', type: scalar.name });
}

/** A list of single values with a default. */
export function list<T>(scalar: Scalar<T>, fallback: readonly string[], meaning: string, marks: Marks = {}) {
  const entry = reader(scalar, marks);
  const about = { ...marks, meaning, effect: 'acts' } as const;
  noted(entry, { ...about, shape: 'scalar', type: scalar.name });
  const key = z.array(entry, { error: `must be a list, such as [${fallback[0]}]` }).prefault([...fallback]);
  const type = `list, each ${scalar.name}`;
  return noted(key, { ...about, shape: 'list', type, entry, default: `[${fallback.join(', ')}]` });
}

type Shape = Record<string, Key>;

function object<S extends Shape>(children: S) {
  return z.strictObject(children, { error: 'must be a section of keys' });
}

/** Keys under a common name. */
export function section<S extends Shape>(
  children: S,
  marks: { closed?: boolean; own?: boolean; choice?: 'of alternatives' } = {},
) {
  const key = object(children).prefault({} as z.input<ReturnType<typeof object<S>>>);
  return noted(key, {
    ...marks,
    meaning: '',
    effect: 'acts',
    shape: 'section',
    type: 'section',
    children,
  });
}

/** A section of which one alternative is chosen by naming it; what is not an alternative in it is a setting beside the choice. */
export function choice<S extends Shape>(children: S) {
  return section(children, { closed: true, choice: 'of alternatives' });
}

/** A list of sections, empty where absent. In those of Berth's own (`own`) an unknown key is an error. */
export function sections<S extends Shape>(children: S, meaning: string, { own = false }: Marks = {}) {
  const entry = object(children);
  const names = `{${Object.keys(children).join(', ')}}`;
  const about = { meaning, effect: 'acts' } as const;
  noted(entry, { ...about, shape: 'section', type: 'section', children, closed: own });
  const key = z.array(entry, { error: `must be a list of ${names}` }).prefault([]);
  return noted(key, { ...about, shape: 'list', type: `list, each ${names}`, entry, default: '[]' });
}

/** One of the alternatives of a `choice`; its keys may all be left out. */
export function alternative<S extends Shape>(
  meaning: string,
  children: S,
  marks: { own?: boolean; alias?: boolean } = {},
) {
  const key = object(children).optional();
  const about = {
    meaning,
    effect: 'acts',
    shape: 'section',
    type: 'section',
    choice: 'alternative',
  } as const;
  return noted(key, { ...marks, ...about, closed: marks.own ?? false, children });
}

function free(effect: Effect, meaning: string, more: Partial<KeyNotes> = {}) {
  return noted(z.unknown().optional(), { meaning, effect, shape: 'free', type: 'any', ...more });
}

/** A key of the original that asks for what Berth does anyway, always or where `holds` says so of the value. */
export function covered(meaning: string, holds?: (value: unknown) => boolean) {
  return free('covered', meaning, holds && { holds });
}

/** A key of the original without effect in this version. */
export function ignored(meaning: string) {
  return free('ignored', meaning);
}

/** A key without which Berth must not start: it would not do what the file asks for. `harmless` values pass. */
export function refused(
  meaning: string,
  marks: { harmless?: (value: unknown) => boolean; own?: boolean } = {},
) {
  const { harmless, own = false } = marks;
  return free('refused', meaning, { own, ...(harmless && { holds: harmless }) });
}

/** An alternative of a `choice` that this version of Berth does not have. */
export function refusedAlternative(meaning: string) {
  return free('refused', meaning, { choice: 'alternative' });
}
