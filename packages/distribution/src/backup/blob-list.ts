import { listVerifiable, type Verifiable } from '../metadata/integrity.ts';
import type { Reader } from '../metadata/schema/tables.ts';

const pageSize = 500;

/** All that are known, in the order of their digests, a page at a time. */
export async function* pagesOfBlobs(db: Reader): AsyncGenerator<readonly Verifiable[]> {
  for (let last: string | undefined = ''; last !== undefined;) {
    const page = await listVerifiable(db, last, pageSize);
    last = page.at(-1)?.digest;
    if (page.length > 0) yield page;
  }
}

/** A line a blob: `<digest> <size in bytes> <path in storage>`. None of them has a space. */
export function blobLines(page: readonly Verifiable[]): string {
  return page.map(({ digest, size, path }) => `${digest} ${size} ${path}\n`).join('');
}
