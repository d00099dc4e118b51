import { notesOf } from './keys.ts';
import type { Key } from './keys.ts';
import { childOf, isSection, normalise } from './normalise.ts';
import type { Section } from './normalise.ts';
import { join } from './origins.ts';
import type { Origins } from './origins.ts';
import { YamlSyntaxError, readYaml } from './yaml.ts';

/** The variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Variables of this prefix that are no keys: the first says where the file is; with the others podman, skopeo, buildah and
 * `oc` are told where logins are, on machines and in CI jobs where Berth may run too.
 */
const reserved = new Set(['REGISTRY_CONFIGURATION_PATH', 'REGISTRY_AUTH_FILE', 'REGISTRY_AUTH_PREFERENCE']);

/**
 * Whether Kubernetes set the variable for a Service: one called `registry` brings `REGISTRY_PORT`, `REGISTRY_PORT_5000_TCP_ADDR`
 * and others into every pod, and one called `registry-auth` brings `REGISTRY_AUTH_PORT`.
 */
function isServiceLink(variable: string, env: Environment): boolean {
  const link = /^(\w+?)_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;
  const service = link.exec(variable)?.[1];
  return service !== undefined && env[`${service}_SERVICE_HOST`] !== undefined;
}

/** A variable that cannot be applied; the message names the key. */
export class OverrideError extends Error {
  override readonly name = 'OverrideError';
}

/** The `REGISTRY_*` variables by name, as the original sorts them: `REGISTRY_STORAGE` before `REGISTRY_STORAGE_DELETE`. */
export function overridesIn(env: Environment): { variable: string; text: string }[] {
  return Object.keys(env)
    .filter((variable) => variable.startsWith('REGISTRY_') && !reserved.has(variable))
    .filter((variable) => !isServiceLink(variable, env))
    .toSorted()
    .flatMap((variable) => ({ variable, text: env[variable] ?? '' }));
}

/**
 * Sets the key that `variable` names (`REGISTRY_HTTP_ADDR` is `http.addr`) in `root`, a normalised section of `key`. A single
 * value is taken as it is written, so that no secret is mangled; a section or a list is YAML and replaces the old one whole.
 * A name that the schema does not know is set as well, for the check of unknown keys to find. Throws OverrideError.
 */
export function applyOverride(
  { variable, text }: { variable: string; text: string },
  root: Section,
  key: Key,
  origins: Origins,
): void {
  const segments = variable.split('_').slice(1);
  const put = (path: string) => origins.replace(path, { variable });
  intoSection({ segments, text, put, path: '' }, root, key);
}

type Step = { segments: readonly string[]; text: string; path: string; put: (path: string) => void };

function intoSection(step: Step, section: Section, key: Key | undefined): void {
  const [segment = '', ...segments] = step.segments;
  const children = key && notesOf(key).children;
  const name = Object.keys({ ...children, ...section }).find((known) => known.toUpperCase() === segment);
  const at = name ?? segment.toLowerCase();
  const child = childOf(children, at);
  const path = join(step.path, at);
  const unknown = children !== undefined && child === undefined;
  if (segments.length > 0 && !unknown) {
    section[at] = descend({ ...step, segments, path }, section[at], child);
  } else {
    section[at] = unknown ? step.text : readText(step.text, child);
    step.put(path);
  }
}

/** The value below which `step` has set its text: the old one, or a new one where there was none to descend into. */
function descend(step: Step, old: unknown, key: Key | undefined): unknown {
  const { shape, choice } = key ? notesOf(key) : { shape: 'free' };
  if (shape === 'scalar') throw new OverrideError(`${step.path} is a single value and has no keys`);
  if (Array.isArray(old) || shape === 'list') return intoList(step, Array.isArray(old) ? old : [], key);
  const section = isSection(old) ? old : {};
  intoSection(step, section, key);
  return choice === 'alternative' || Object.keys(section).length > 0 ? section : undefined;
}

function intoList(step: Step, list: unknown[], key: Key | undefined): unknown[] {
  const [segment = '', ...segments] = step.segments;
  const index = Number(segment);
  if (!/^\d+$/.test(segment)) throw new OverrideError(`${step.path} is a list, and ${segment} is no index`);
  if (index > list.length) {
    throw new OverrideError(`${step.path} has ${list.length} entries, so its next index is ${list.length}`);
  }
  const entry = key && notesOf(key).entry;
  const path = join(step.path, index);
  list[index] =
    segments.length === 0
      ? readText(step.text, entry)
      : descend({ ...step, segments, path }, list[index], entry);
  step.put(path);
  return list;
}

function readText(text: string, key: Key | undefined): unknown {
  const scalar = key !== undefined && notesOf(key).shape === 'scalar';
  try {
    const value = scalar && !isQuoted(text) ? plainText(text) : readYaml(text);
    return key === undefined ? value : normalise(key, value);
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    throw new OverrideError(error.message, { cause: error });
  }
}

/** Whoever quoted a value for the original, which reads YAML, gets it without the quotes here too. */
function isQuoted(text: string): boolean {
  return /^\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*$/s.test(text);
}

function plainText(text: string): string | null {
  return /^(~|null|Null|NULL)?$/.test(text.trim()) ? null : text.trim();
}
