import { sql, type Selectable } from 'kysely';
import type { Queries } from './database.ts';
import { actionAndOutcome, type AuditTable } from './schema/audit.ts';

export interface AuditFilter {
  readonly repository?: string | undefined;
  readonly actor?: string | undefined;
  /** One of these. */
  readonly actions?: readonly string[] | undefined;
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

interface Page {
  readonly after: string;
  readonly limit: number;
}

/** The newest first, from after the event with the key `after`; empty: from the newest. */
export async function listAudit(db: Queries, filter: AuditFilter, page: Page): Promise<AuditRecord[]> {
  const { repository, actor, actions = [] } = filter;
  if (repository !== undefined || actor !== undefined || actions.length < 2) return list(db, filter, page);
  const lists = await Promise.all(actions.map((action) => list(db, { ...filter, actions: [action] }, page)));
  return lists.flat().sort(newestFirst).slice(0, page.limit);
}

function newestFirst(one: AuditRecord, other: AuditRecord): number {
  return other.at - one.at || other.id - one.id;
}

/**
 * SQLite does not know how many rows a value has, and takes any index that fits. So one condition is written so that it can
 * use its index, and the others so that they cannot. Only where that index is of another column may there be many `actions`.
 */
async function list(db: Queries, filter: AuditFilter, page: Page): Promise<AuditRecord[]> {
  const { actions, since, until, ...equal } = filter;
  const wanted = { ...equal, action: actions };
  const [first, ...others] = columns.filter((column) => wanted[column] !== undefined);
  let query = db.selectFrom('audit').selectAll();
  if (first === 'action' && others.length > 0) {
    query = query.where(actionAndOutcome, '=', `${actions?.[0]} ${filter.outcome}`);
  } else if (first !== undefined) {
    query = query.where(first, '=', [wanted[first]].flat()[0]!);
    for (const column of others)
      query = query.where(sql`${sql.ref(column)} || ''`, 'in', [wanted[column]].flat());
  }
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  if (page.after !== '') {
    const [at, id] = page.after.split('-').map(Number) as [number, number];
    query = query.where('at', '<=', at).where((eb) => eb.or([eb('at', '<', at), eb('id', '<', id)]));
  }
  return query.orderBy('at', 'desc').orderBy('id', 'desc').limit(page.limit).execute();
}
