import { OciError } from '@berth/protocol';
import type { Page } from '../metadata/repositories.ts';

/** Items on a page that asks for no number, and at most. */
const mostItems = 1000;

/** `n` and `last`: OCI distribution specification 1.1, "Listing Tags". Throws `PAGINATION_NUMBER_INVALID`. */
export function parsePage(query: URLSearchParams): Page {
  const n = query.get('n');
  if (n !== null && !/^\d{1,9}$/.test(n)) {
    throw new OciError('PAGINATION_NUMBER_INVALID', { detail: { n: n.slice(0, 100) } });
  }
  return {
    count: Math.min(n === null ? mostItems : Number(n), mostItems),
    last: query.get('last') ?? undefined,
  };
}

/** What to ask the database for: one more than the page holds shows that another page follows. */
export function oneMore(page: Page): Page {
  return { ...page, count: page.count + 1 };
}

export interface CutPage<Item> {
  readonly items: readonly Item[];
  /** `Link` to the next page, where there is one: RFC 8288, relative. */
  readonly headers: Readonly<Record<string, string>>;
}

export function cutPage<Item>(
  path: string,
  page: Page,
  found: readonly Item[],
  name: (item: Item) => string,
): CutPage<Item> {
  const items = found.slice(0, page.count);
  const last = items.at(-1);
  const more = found.length > page.count && last !== undefined;
  return { items, headers: more ? nextLink(path, page, name(last)) : {} };
}

/** `filter` is what the next page has to be asked for too. */
export function nextLink(
  path: string,
  page: Page,
  last: string,
  filter: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const query = new URLSearchParams({ ...filter, last, n: String(page.count) });
  return { link: `<${path}?${query}>; rel="next"` };
}
