import type { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/**
 * What is wrong with a value, as a person reads it after the name of the field: `password: must have at least 8
 * characters`. Given to zod as `error`; a message of the schema itself goes before it.
 */
export function plainProblem(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `must ${bound(issue.origin, 'at least', Number(issue.minimum))}`;
    case 'too_big':
      return `must ${bound(issue.origin, 'at most', Number(issue.maximum))}`;
    case 'invalid_format':
      return `must be ${formats[issue.format] ?? `in the format ${issue.format}`}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `has no field named ${issue.keys.join(', ')}`;
    default:
      return 'is not valid';
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

const formats: Readonly<Record<string, string>> = {
  datetime: 'a time such as 2026-12-31T12:00:00Z',
  email: 'an email address such as alice@example.org',
};

function bound(origin: string, side: string, count: number): string {
  if (origin === 'string') return `have ${side} ${count} ${count === 1 ? 'character' : 'characters'}`;
  if (origin === 'array') return `have ${side} ${count} ${count === 1 ? 'entry' : 'entries'}`;
  return `be ${side} ${count}`;
}
