import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenDatabase } from './database.ts';

export interface PruneOptions {
  /** Milliseconds since 1970: events from before go. */
  readonly before: number;
  /** Nothing more is begun once it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** What is removed in one transaction, in which every other writer waits: 10 ms beside a million events. */
const rowsAtOnce = 100;

/** Between two of them, in milliseconds: others write, and requests are answered. */
const pause = 20;

/** Removes the oldest first, and resolves to how many there were. What a power cut brings back goes the next time. */
export async function pruneAudit(database: TokenDatabase, { before, signal }: PruneOptions): Promise<number> {
  for (let removed = 0; ; await sleep(pause)) {
    if (signal?.aborted === true) return removed;
    const count = await removeOldest(database, before);
    removed += count;
    if (count < rowsAtOnce) return removed;
  }
}

async function removeOldest(database: TokenDatabase, before: number): Promise<number> {
  const any = await database.reader
    .selectFrom('audit')
    .select('id')
    .where('at', '<', before)
    .limit(1)
    .executeTakeFirst();
  if (any === undefined) return 0;
  const { numDeletedRows } = await database.transaction(
    (trx) =>
      trx
        .deleteFrom('audit')
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('audit')
            .select('id')
            .where('at', '<', before)
            .orderBy('at')
            .orderBy('id')
            .limit(rowsAtOnce),
        )
        .executeTakeFirst(),
    { relaxed: true },
  );
  return Number(numDeletedRows);
}
