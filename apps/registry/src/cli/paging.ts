import { z } from 'zod';
import { shaped } from './answer.ts';
import type { AdminClient } from './client.ts';
import { queryString } from './paths.ts';

const page = z.object({ items: z.array(z.unknown()), next: z.string().nullish() });

/** Largest page that the API gives. */
const pageSize = 1000;

export interface Items {
  readonly items: readonly unknown[];
}

/** All items of a list, or its first `most`, in the order of the API. */
export async function listItems(
  api: AdminClient,
  path: string,
  filters: Readonly<Record<string, string | undefined>> = {},
  most: number = Infinity,
): Promise<Items> {
  const items: unknown[] = [];
  let last: string | undefined;
  do {
    const n = Math.min(pageSize, most - items.length);
    const answer = shaped(page, await api.request('GET', `${path}${queryString({ ...filters, n, last })}`));
    items.push(...answer.items);
    last = answer.items.length === 0 ? undefined : (answer.next ?? undefined);
  } while (last !== undefined && items.length < most);
  return { items };
}
