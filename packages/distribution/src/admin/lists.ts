import { z } from 'zod';

/** The query of every list. */
export const page = z.strictObject({
  n: z.coerce.number().int().min(1).max(1000).default(100),
  last: z.string().max(300).optional(),
});

export const listOf = (item: z.ZodType) => z.object({ items: z.array(item), next: z.string().optional() });

/** The answer of a list; `found` has one more than the page where another page follows. */
export function list<Row, Body>(
  found: readonly Row[],
  count: number,
  body: (row: Row) => Body,
  key: (row: Row) => string,
) {
  const items = found.slice(0, count);
  const last = items.at(-1);
  return { items: items.map(body), ...(found.length > count && last !== undefined && { next: key(last) }) };
}
