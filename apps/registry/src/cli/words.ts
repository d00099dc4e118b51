import { actions, roles, type Action, type Role } from '@berth/protocol';
import { usageError } from './errors.ts';

const milliseconds: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `alice` is `user:alice`, here and nowhere else. */
export function parseSubject(word: string): string {
  return word.includes(':') || word === 'anonymous' || word === 'authenticated' ? word : `user:${word}`;
}

/** A role or a list of actions, as a grant takes one or the other. Throws `CommandError`. */
export function parseRights(word: string): { role: Role } | { actions: Action[] } {
  if (Object.hasOwn(roles, word)) return { role: word as Role };
  const list = word.split(',');
  if (list.every(isAction)) return { actions: list };
  const names = Object.keys(roles).join(', ');
  throw usageError(`${word} is neither a role (${names}) nor a list of actions (${actions.join(',')})`);
}

/** Throws `CommandError`. */
export function parseActions(word: string): Action[] {
  const list = word.split(',');
  if (list.every(isAction)) return list;
  throw usageError(`${word} is no list of actions (${actions.join(',')})`);
}

/**
 * `14d`, `12h`, `30m`, `2w` from `now` on or, for what is past, before it; else a date of ISO 8601. In ISO 8601.
 * Throws `CommandError`.
 */
export function parseTime(word: string, direction: 'future' | 'past', now: number = Date.now()): string {
  const [, count, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(word) ?? [];
  const span = Number(count) * (milliseconds[unit] ?? 0);
  const time = count === undefined ? parseDate(word) : now + (direction === 'future' ? span : -span);
  if (Number.isNaN(time)) {
    throw usageError(`${word} is no time: write 30m, 12h, 14d, 2w or a date such as 2030-12-31T18:00:00Z`);
  }
  return new Date(time).toISOString();
}

export function parseExpiry(word: string): string {
  return parseTime(word, 'future');
}

function parseDate(word: string): number {
  return /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(word) ? Date.parse(word) : NaN;
}

function isAction(word: string): word is Action {
  return (actions as readonly string[]).includes(word);
}
