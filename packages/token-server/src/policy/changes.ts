import { moveVersion, readVersion } from '@berth/database';
import type { Queries, TokenTransaction } from '../database.ts';

/** The ids of those whose rights changed, `authenticated` and `anonymous` by these names. */
export type Touched = 'everybody' | readonly string[];

/** Changes that are kept. A process that missed more of them forgets everybody. */
const kept = 1000;

/** Changed subjects that one process remembers; where there are more, it forgets everybody. */
const mostApart = 10_000;

/** In the transaction that changes rights. A bare `moveVersion(trx, 'policy')` touches everybody. */
export async function movePolicy(trx: TokenTransaction, touched: Touched): Promise<void> {
  await moveVersion(trx, 'policy');
  if (touched === 'everybody') return;
  const version = await readVersion(trx, 'policy');
  const rows = [...new Set(touched)].map((subject) => ({ version, subject }));
  if (rows.length === 0 || rows.length > mostApart) return;
  await trx.insertInto('policy_change').values(rows).execute();
  await trx
    .deleteFrom('policy_change')
    .where('version', '<=', version - kept)
    .execute();
}

/** What this process knows of the changes that it and others made. */
export interface Changes {
  /** Learns the changes up to `version`. Resolves to the version that is known then, which may be a later one. */
  catchUp(version: number): Promise<number>;
  /** Whether what was read about the subject at `version` may be old. */
  touched(subject: string, version: number): boolean;
}

export function createChanges(db: Queries): Changes {
  const last = new Map<string, number>();
  let known = -1;
  let everybody = -1;

  const learn = (version: number, rows: readonly { version: number; subject: string }[]) => {
    const told = new Set(rows.map((row) => row.version)).size;
    const missing = told !== version - known || last.size + rows.length > mostApart;
    known = version;
    if (missing) {
      everybody = version;
      last.clear();
      return;
    }
    for (const row of rows) last.set(row.subject, row.version);
  };
  const catchUp = async (version: number): Promise<number> => {
    if (known >= version) return known;
    const from = known;
    const rows = await changesBetween(db, from, version);
    // Another request may have learned some of them meanwhile.
    if (known === from) learn(version, rows);
    return catchUp(version);
  };
  return {
    catchUp,
    touched: (subject, version) => version < everybody || version < (last.get(subject) ?? -1),
  };
}

async function changesBetween(db: Queries, from: number, to: number) {
  if (from < 0 || to - from > kept) return [];
  return db
    .selectFrom('policy_change')
    .select(['version', 'subject'])
    .where('version', '>', from)
    .where('version', '<=', to)
    .execute();
}
