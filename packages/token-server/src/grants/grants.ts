import { randomInt } from 'node:crypto';
import { formatRepositoryPattern, type RepositoryPattern } from '@berth/protocol';
import type { ExpressionBuilder, Insertable } from 'kysely';
import type { Queries, TokenTransaction } from '../database.ts';
import type { GrantRow } from '../policy/grant.ts';
import type { AccessGrantTable } from '../schema/access-grant.ts';
import type { TokenServerTables } from '../schema/tables.ts';
import { isBelow, isWithin, namespaceOf } from '../subjects/namespace.ts';
import { coveringPatterns } from './covering.ts';

/** The id is null for `authenticated` and `anonymous`. */
export interface SubjectKey {
  readonly kind: GrantRow['subject_kind'];
  readonly id: string | null;
}

export interface GrantFilter {
  readonly subject?: SubjectKey | undefined;
  /** Those that match everything in it. */
  readonly repository?: RepositoryPattern | undefined;
  /** Those of these subjects, and those that are within these patterns; all, where there are too many of these. */
  readonly near?:
    | { readonly subjectIds: readonly string[]; readonly patterns: readonly RepositoryPattern[] }
    | undefined;
}

/** SQLite refuses an expression that is more than 1,000 deep, and a chain of `or` is as deep as long. */
const mostNear = 500;

/** Rows of {@link GrantRow}, to be narrowed. */
export function selectGrants(db: Queries) {
  return db
    .selectFrom('access_grant')
    .leftJoin('subject', 'subject.id', 'access_grant.subject_id')
    .selectAll('access_grant')
    .select('subject.name as subject_name');
}

export async function findGrant(db: Queries, id: string): Promise<GrantRow | undefined> {
  return selectGrants(db).where('access_grant.id', '=', id).executeTakeFirst();
}

/** All of one subject. */
export async function grantsOf(db: Queries, subject: SubjectKey): Promise<GrantRow[]> {
  return selectGrants(db)
    .where((eb) => ofSubject(eb, subject))
    .execute();
}

export type NewGrantRow = Omit<Insertable<AccessGrantTable>, 'id' | 'created_at'>;

/**
 * The grant that says the same already: effect, subject, pattern, actions, tags, expiry. Whether the actions were given
 * as a role, by whom, and with what comment is not looked at.
 */
export async function findSameGrant(db: Queries, wanted: NewGrantRow): Promise<GrantRow | undefined> {
  const { effect, pattern, actions, tags = null, expires_at = null } = wanted;
  const rows = await selectGrants(db)
    .where((eb) => ofSubject(eb, { kind: wanted.subject_kind, id: wanted.subject_id ?? null }))
    .where('access_grant.pattern', '=', pattern)
    .where('effect', '=', effect)
    .where('tags', tags === null ? 'is' : '=', tags)
    .where('expires_at', expires_at === null ? 'is' : '=', expires_at)
    .orderBy('access_grant.id')
    .execute();
  return rows.find((row) => asSet(row.actions) === asSet(actions));
}

/** The same text for the same actions in whatever order. */
function asSet(actions: string): string {
  return (JSON.parse(actions) as string[]).sort().join();
}

/** How many grants somebody has made without being an administrator. */
export async function countDelegatedBy(db: Queries, author: string): Promise<number> {
  const { count } = await countDelegated(db).where('created_by', '=', author).executeTakeFirstOrThrow();
  return Number(count);
}

/** How many grants to the subject, on what is in the namespace of `pattern`, no administrator has made. */
export async function countDelegatedTo(db: Queries, subject: SubjectKey, pattern: string): Promise<number> {
  const { count } = await countDelegated(db)
    .where((eb) => ofSubject(eb, subject))
    .where(isWithin('pattern', namespaceOf(pattern)))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function countDelegated(db: Queries) {
  return db
    .selectFrom('access_grant')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('by_admin', '=', 0);
}

/** In the order of their ids. */
export async function listGrants(
  db: Queries,
  filter: GrantFilter,
  page: { readonly after: string; readonly limit: number },
): Promise<GrantRow[]> {
  let query = selectGrants(db).where('access_grant.id', '>', page.after);
  const { subject, repository, near } = filter;
  if (subject !== undefined) query = query.where((eb) => ofSubject(eb, subject));
  if (repository !== undefined)
    query = query.where('access_grant.pattern', 'in', coveringPatterns(repository));
  if (near !== undefined && near.patterns.length <= mostNear) {
    query = query.where((eb) =>
      eb.or([
        eb('subject_id', 'in', near.subjectIds),
        ...near.patterns.map((pattern) => within(eb, pattern)),
      ]),
    );
  }
  return query.orderBy('access_grant.id').limit(page.limit).execute();
}

type GrantColumns = ExpressionBuilder<TokenServerTables, 'access_grant'>;

function ofSubject(eb: GrantColumns, { kind, id }: SubjectKey) {
  return eb.and([eb('subject_kind', '=', kind), eb('subject_id', id === null ? 'is' : '=', id)]);
}

function within(eb: GrantColumns, pattern: RepositoryPattern) {
  const column = 'access_grant.pattern';
  if (pattern.kind === 'all') return eb(column, '>=', '');
  if (pattern.kind === 'exact') return eb(column, '=', formatRepositoryPattern(pattern));
  return isBelow(column, pattern.parent);
}

export async function insertGrant(trx: TokenTransaction, grant: NewGrantRow): Promise<GrantRow> {
  const id = await freeId(trx);
  await trx
    .insertInto('access_grant')
    .values({ ...grant, id, created_at: Date.now() })
    .execute();
  return selectGrants(trx).where('access_grant.id', '=', id).executeTakeFirstOrThrow();
}

/** Only administrators remove it from now on. */
export async function adoptGrant(trx: TokenTransaction, id: string): Promise<GrantRow> {
  await trx.updateTable('access_grant').set({ by_admin: 1 }).where('id', '=', id).execute();
  return selectGrants(trx).where('access_grant.id', '=', id).executeTakeFirstOrThrow();
}

export async function deleteGrant(trx: TokenTransaction, id: string): Promise<void> {
  await trx.deleteFrom('access_grant').where('id', '=', id).execute();
}

/** Short, since people type them: eight characters of base 32. */
async function freeId(trx: TokenTransaction): Promise<string> {
  for (;;) {
    const id = Array.from({ length: 8 }, () => 'abcdefghijklmnopqrstuvwxyz234567'[randomInt(32)]).join('');
    if ((await findGrant(trx, id)) === undefined) return id;
  }
}
