import { expect, test } from 'vitest';
import { z } from 'zod';
import { plainProblem } from './plain-problem.ts';

const count = z.coerce.number().int().min(1).max(1000);

test.each<[z.ZodType, unknown, string]>([
  [z.string().min(8), 'short', 'must have at least 8 characters'],
  [z.string().min(1), '', 'must have at least 1 character'],
  [z.string().max(2), 'long', 'must have at most 2 characters'],
  [z.string(), undefined, 'is missing'],
  [z.string(), 1, 'must be text'],
  [z.boolean(), 'yes', 'must be true or false'],
  [z.strictObject({}), undefined, 'is missing'],
  [z.strictObject({}), [], 'must be an object'],
  [z.strictObject({}), { rol: 1, x: 2 }, 'has no field named rol, x'],
  [z.array(z.string()).min(1), [], 'must have at least 1 entry'],
  [z.array(z.string()), 'a', 'must be a list'],
  [count, 'many', 'must be a number'],
  [count, '1.5', 'must be a whole number'],
  [count, '0', 'must be at least 1'],
  [count, '1001', 'must be at most 1000'],
  [z.enum(['pull', 'push']), 'read', 'must be one of pull, push'],
  [z.email(), 'alice', 'must be an email address such as alice@example.org'],
  [z.iso.datetime({ offset: true }), 'tomorrow', 'must be a time such as 2026-12-31T12:00:00Z'],
  [z.iso.date(), 'tomorrow', 'must be in the format date'],
  [z.union([z.string(), z.number()]), true, 'is not valid'],
  [z.string().refine((text) => text === '', 'must be empty'), 'x', 'must be empty'],
])('%# is plain', (schema, value, problem) => {
  const result = schema.safeParse(value, { error: plainProblem });
  expect(result.error?.issues[0]?.message).toBe(problem);
});
