import { sql, type RawBuilder, type SqlBool } from 'kysely';

/** The first segment of a name or a pattern: `team` of `team/app`, `team/*` and `team/**`. */
export function namespaceOf(text: string): string {
  return text.split('/', 1)[0] ?? '';
}

/** Whether the name or the pattern in `column` is below `<parent>/`, by an index: `0` is the character after `/`. */
export function isBelow(column: string, parent: string): RawBuilder<SqlBool> {
  return sql`(${sql.ref(column)} > ${`${parent}/`} and ${sql.ref(column)} < ${`${parent}0`})`;
}

/** The same, or the namespace is all of it. */
export function isWithin(column: string, namespace: string): RawBuilder<SqlBool> {
  return sql`(${sql.ref(column)} = ${namespace} or ${isBelow(column, namespace)})`;
}
