import { sql, type Selectable } from 'kysely';
import type { Queries } from './database.ts';
import { actionAndOutcome, type AuditTable } from './schema/audit.ts';

export interface AuditFilter {
  readonly repository?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: string | undefined;
  /** Milliseconds since 1970, included. */
  readonly since?: number | undefined;
  /** Milliseconds since 1970, not included. */
  readonly until?: number | undefined;
}

export type AuditRecord = Selectable<AuditTable>;

/** Where a page ends: the time and the id of its last event, `1763870400000-42`. */
export function auditKey({ at, id }: Pick<AuditRecord, 'at' | 'id'>): string {
  return `${at}-${id}`;
}

/** The column with the fewest rows for one value first. */
const columns = ['repository', 'actor', 'action', 'outcome'] as const;

/**
 * The newest first, from after the event with the key `after`; empty: from the newest. SQLite does not know how many rows
 * a value has, and takes any index that fits. So one condition is written so that it can use its index, and the others so
 * that they cannot.
 */
export async function listAudit(
  db: Queries,
  filter: AuditFilter,
  page: { readonly after: string; readonly limit: number },
): Promise<AuditRecord[]> {
  const [first, ...others] = columns.filter((column) => filter[column] !== undefined);
  let query = db.selectFrom('audit').selectAll();
  if (first === 'action' && others.length > 0) {
    query = query.where(actionAndOutcome, '=', `${filter.action} ${filter.outcome}`);
  } else if (first !== undefined) {
    query = query.where(first, '=', filter[first]!);
    for (const column of others) query = query.where(sql`${sql.ref(column)} || ''`, '=', filter[column]);
  }
  const { since, until } = filter;
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  if (page.after !== '') {
    const [at, id] = page.after.split('-').map(Number) as [number, number];
    query = query.where('at', '<=', at).where((eb) => eb.or([eb('at', '<', at), eb('id', '<', id)]));
  }
  return query.orderBy('at', 'desc').orderBy('id', 'desc').limit(page.limit).execute();
}
