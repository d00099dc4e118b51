import type { Selectable } from 'kysely';
import type { Queries } from './database.ts';
import type { AuditTable } from './schema/audit.ts';

export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly repository?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: string | undefined;
  /** Milliseconds since 1970, included. */
  readonly since?: number | undefined;
  /** Milliseconds since 1970, not included. */
  readonly until?: number | undefined;
}

/** The newest first, from before the event with the id `before`; empty: from the newest. */
export async function listAudit(
  db: Queries,
  { since, until, ...equal }: AuditFilter,
  page: { readonly before: string; readonly limit: number },
): Promise<Selectable<AuditTable>[]> {
  let query = db.selectFrom('audit').selectAll();
  if (page.before !== '') query = query.where('id', '<', Number(page.before));
  for (const column of ['actor', 'repository', 'action', 'outcome'] as const) {
    const value = equal[column];
    if (value !== undefined) query = query.where(column, '=', value);
  }
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  return query.orderBy('id', 'desc').limit(page.limit).execute();
}
