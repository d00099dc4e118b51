import { countEverything, countSkips, findImport, listSkips, type Totals } from '../metadata/imports.ts';
import type { Reader } from '../metadata/schema/tables.ts';
import { skipReasons, type Skip, type SkipReason } from './skips.ts';

/** What an import has brought. */
export interface ImportReport extends Totals {
  /** Half-finished uploads, which are left alone. */
  readonly uploads: number;
  readonly skipped: readonly SkippedKind[];
}

/** What was not imported, or not whole, for one reason. */
export interface SkippedKind {
  readonly reason: SkipReason;
  /** For people. */
  readonly text: string;
  readonly count: number;
  /** The first hundred. */
  readonly first: readonly Skip[];
}

const mostNamed = 100;

export async function reportImport(db: Reader): Promise<ImportReport> {
  const skipped: SkippedKind[] = [];
  for (const { reason, count } of await countSkips(db)) {
    const first = await listSkips(db, reason, { count: mostNamed });
    skipped.push({ reason, text: skipReasons[reason], count, first });
  }
  const uploads = (await findImport(db))?.uploads ?? 0;
  return { ...(await countEverything(db)), uploads, skipped };
}

/** All that was skipped, however much it is. */
export async function* allSkips(db: Reader): AsyncGenerator<Skip> {
  for (const { reason } of await countSkips(db)) {
    let page: Skip[] = [];
    do {
      const last = page.at(-1)?.path;
      page = await listSkips(db, reason, { count: 1000, ...(last !== undefined && { last }) });
      yield* page;
    } while (page.length > 0);
  }
}
