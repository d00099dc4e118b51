import { z } from 'zod';

/** The query of every list; `last` is the `next` of the page before. */
export const pageQuery = {
  n: z.coerce.number().int().min(1).max(1000).default(100),
  last: z.string().max(300).default(''),
};

export interface PageQuery {
  readonly n: number;
  readonly last: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** `last` of the page that follows; absent where none does. */
  readonly next?: string;
}

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), next: z.string().optional() });
}

export interface Pages<Row, Item> {
  /** Rows in the order of their keys, after `after`. */
  readonly fetch: (after: string, limit: number) => Promise<readonly Row[]>;
  readonly key: (row: Row) => string;
  readonly view: (row: Row) => Item;
  /** Whether the one who asks may see it. */
  readonly keep?: (row: Row) => boolean;
}

/** What is read at once where rows were hidden: a page of one costs no query for each row that is. */
const rowsAtOnce = 1000;

/** A page that is full also where rows between are hidden. */
export async function readPage<Row, Item>(
  { n, last }: PageQuery,
  { fetch, key, view, keep = () => true }: Pages<Row, Item>,
): Promise<Page<Item>> {
  const kept: Row[] = [];
  for (let after = last, limit = n + 1; ; limit = rowsAtOnce) {
    const rows = await fetch(after, limit);
    kept.push(...rows.filter(keep));
    const end = rows.at(-1);
    if (kept.length > n || rows.length < limit || end === undefined) break;
    after = key(end);
  }
  const shown = kept.slice(0, n);
  const lastShown = shown.at(-1);
  const more = kept.length > n && lastShown !== undefined;
  return { items: shown.map(view), ...(more ? { next: key(lastShown) } : {}) };
}
