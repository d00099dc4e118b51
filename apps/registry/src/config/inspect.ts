import { notesOf } from './keys.ts';
import type { Key } from './keys.ts';
import { childOf, isSection } from './normalise.ts';
import type { Section } from './normalise.ts';
import { join } from './origins.ts';
import { judgeUnknownKey } from './unknown-key.ts';

/** Told of everything in a file on which Berth does not act. */
export type Report = (path: string, message: string, fatal: boolean) => void;

/** Walks the normalised `section` of `key`, reports what has no effect, and answers a copy with only what has. */
export function inspect(root: Key, section: Section, report: Report): Section {
  return inspectSection({ root, report }, root, section, '');
}

type Context = { root: Key; report: Report };

function inspectSection(context: Context, key: Key, section: Section, path: string): Section {
  checkChoice(context, key, section, path);
  const kept: Section = {};
  for (const [name, value] of Object.entries(section)) {
    const child = childOf(notesOf(key).children, name);
    if (value === undefined) continue;
    if (child === undefined) {
      const { message, fatal } = judgeUnknownKey(context.root, key, path, name);
      context.report(join(path, name), message, fatal);
    } else if (hasEffect(context, child, value, join(path, name))) {
      kept[name] = inspectValue(context, child, value, join(path, name));
    }
  }
  return kept;
}

function inspectValue(context: Context, key: Key, value: unknown, path: string): unknown {
  const { shape, entry } = notesOf(key);
  if (shape === 'section' && isSection(value)) return inspectSection(context, key, value, path);
  if (entry === undefined || !Array.isArray(value)) return value;
  return value.map((item, index) => inspectValue(context, entry, item, join(path, index)));
}

/** Whether Berth acts on the key; reports it where it neither does nor need not. */
function hasEffect({ report }: Context, key: Key, value: unknown, path: string): boolean {
  const { effect, holds = () => effect === 'covered' } = notesOf(key);
  if (effect === 'acts') return true;
  if (holds(value)) return false;
  const what = effect === 'ignored' ? path : `${path}${shown(value)}`;
  if (effect === 'refused') report(path, `${what} is not supported by this version of Berth`, true);
  else report(path, `${what} is not supported by this version of Berth and has no effect`, false);
  return false;
}

/** A single value is part of what is not supported: `readonly.enabled: true`. A section may hold secrets and is not shown. */
function shown(value: unknown): string {
  return typeof value === 'string' && /^\w{1,20}$/.test(value) ? `: ${value}` : '';
}

function checkChoice({ report }: Context, key: Key, section: Section, path: string): void {
  const { choice, children } = notesOf(key);
  if (choice !== 'of alternatives') return;
  const chosen = Object.keys(section).filter((name) => {
    const child = childOf(children, name);
    return child !== undefined && section[name] !== undefined && notesOf(child).choice === 'alternative';
  });
  if (chosen.length < 2) return;
  const way = `REGISTRY_${path.toUpperCase()}=<one> replaces the whole section`;
  report(path, `${path} must name one of ${chosen.join(', ')}, not several; ${way}`, true);
}
