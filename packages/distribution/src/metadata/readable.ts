import type { ReadableNames, RepositoryPattern } from '@berth/protocol';
import { sql, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely';
import type { DistributionTables } from './schema/tables.ts';

export type RepositoryColumns = ExpressionBuilder<DistributionTables, 'repository'>;

/**
 * The condition on a row of `repository` that it may be pulled. Names are filtered here, before a page is cut. Whatever
 * the number of patterns, it is a few look-ups in indexes: SQLite plans a thousand ranges of names for seconds.
 */
export function isReadable(
  eb: RepositoryColumns,
  { allow, deny, visibilities, within }: ReadableNames,
): Expression<SqlBool> {
  const opened = visibilities.length > 0 ? [eb('visibility', 'in', [...visibilities])] : [];
  const conditions = [eb.or([...matchesOne(eb, allow), ...opened])];
  if (deny.length > 0) conditions.push(eb.not(eb.or(matchesOne(eb, deny))));
  if (within !== undefined) conditions.push(eb.or(matchesOne(eb, within)));
  return eb.and(conditions);
}

/** One condition for each kind of pattern that there is. */
function matchesOne(eb: RepositoryColumns, patterns: readonly RepositoryPattern[]): Expression<SqlBool>[] {
  if (patterns.some(({ kind }) => kind === 'all')) return [sql<SqlBool>`1 = 1`];
  const exact = patterns.flatMap((pattern) => (pattern.kind === 'exact' ? [pattern.name] : []));
  const parents = patterns.flatMap((pattern) => (pattern.kind === 'children' ? [pattern.parent] : []));
  const ancestors = patterns.flatMap((pattern) => (pattern.kind === 'below' ? [pattern.parent] : []));
  const belowOne = eb
    .selectFrom('repository_ancestor')
    .select('repository_id')
    .where('ancestor', 'in', listed(ancestors));
  return [
    ...(exact.length > 0 ? [eb('repository.name', 'in', listed(exact))] : []),
    ...(parents.length > 0 ? [eb('repository.parent', 'in', listed(parents))] : []),
    ...(ancestors.length > 0 ? [eb('repository.id', 'in', belowOne)] : []),
  ];
}

/** A list as one parameter: the text of the statement stays the same, and no limit of parameters is reached. */
export function listed(values: readonly string[]) {
  return sql<string>`(select value from json_each(${JSON.stringify(values)}))`;
}
