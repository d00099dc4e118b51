import { expect, test } from 'vitest';
import { readPage } from './page.ts';

const rows = Array.from({ length: 20_000 }, (_, index) => String(index).padStart(5, '0'));

/** Pages of the rows that are shown, and how often was asked for some. */
async function read(query: { n: number; last: string }, keep: (row: string) => boolean) {
  let fetched = 0;
  const page = await readPage(query, {
    fetch: async (after, limit) => {
      fetched += 1;
      return rows.filter((row) => row > after).slice(0, limit);
    },
    key: (row) => row,
    view: (row) => row,
    keep,
  });
  return { ...page, fetched };
}

test('a page of one among many that are hidden does not ask for one after the other', async () => {
  const { items, next, fetched } = await read({ n: 1, last: '' }, (row) => row.endsWith('9999'));
  expect(items).toEqual(['09999']);
  expect(next).toBe('09999');
  expect(fetched).toBeLessThan(25);
});

test('pages follow each other, and the last one says so', async () => {
  const shown = (row: string) => Number(row) % 4000 === 0;
  const pages: string[][] = [];
  for (let last: string | undefined = ''; last !== undefined;) {
    const page = await read({ n: 2, last }, shown);
    pages.push([...page.items]);
    last = page.next;
  }
  expect(pages).toEqual([['00000', '04000'], ['08000', '12000'], ['16000']]);
});
