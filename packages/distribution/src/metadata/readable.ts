import type { ReadableNames, RepositoryPattern } from '@berth/protocol';
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';
import type { DistributionTables } from './schema/tables.ts';

export type NameColumns = ExpressionBuilder<DistributionTables, 'repository'>;

/** The condition on a row of `repository` that one may pull it. Names are filtered here, before a page is cut. */
export function isReadable(
  eb: NameColumns,
  { allow, deny, visibilities, within = [{ kind: 'all' }] }: ReadableNames,
): Expression<SqlBool> {
  const allowed = anyOf(eb, allow);
  if (visibilities.length > 0) allowed.push(eb('visibility', 'in', [...visibilities]));
  return eb.and([either(eb, allowed), eb.not(either(eb, anyOf(eb, deny))), either(eb, anyOf(eb, within))]);
}

/** A tree: SQLite refuses an expression that is more than 1,000 deep, and a chain of `or` is as deep as it is long. */
function either(eb: NameColumns, conditions: readonly Expression<SqlBool>[]): Expression<SqlBool> {
  if (conditions.length <= 2) return eb.or(conditions);
  const middle = conditions.length >> 1;
  return eb.or([either(eb, conditions.slice(0, middle)), either(eb, conditions.slice(middle))]);
}

/** One list for all exact names, one range for each other pattern. */
function anyOf(eb: NameColumns, patterns: readonly RepositoryPattern[]): Expression<SqlBool>[] {
  const exact = patterns.flatMap((pattern) => (pattern.kind === 'exact' ? [pattern.name] : []));
  const ranges = patterns
    .filter((pattern) => pattern.kind !== 'exact')
    .map((pattern) => inRange(eb, pattern));
  return exact.length > 0 ? [eb('name', 'in', exact), ...ranges] : ranges;
}

/** `0` is the byte after `/`: everything below `team` lies between `team/` and `team0`. */
function inRange(
  eb: NameColumns,
  pattern: Exclude<RepositoryPattern, { kind: 'exact' }>,
): Expression<SqlBool> {
  if (pattern.kind === 'all') return sql<SqlBool>`1 = 1`;
  const below = eb.and([eb('name', '>', `${pattern.parent}/`), eb('name', '<', `${pattern.parent}0`)]);
  if (pattern.kind === 'below') return below;
  // `_` of a name is a wildcard of LIKE, but within the range the name begins with just these characters.
  return eb.and([below, eb('name', 'not like', `${pattern.parent}/%/%`)]);
}
