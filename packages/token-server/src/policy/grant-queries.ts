import type { RepositoryName } from '@berth/protocol';
import type { Queries } from '../database.ts';
import { coveringPatterns } from '../grants/covering.ts';
import { selectGrants } from '../grants/grants.ts';
import { namespaceOf } from '../subjects/namespace.ts';
import type { NamePage, SubjectRow } from '../subjects/subjects.ts';
import { grantOf, type Grant } from './grant.ts';

/** All to `authenticated` and `anonymous`. */
export async function grantsToEverybody(db: Queries): Promise<Grant[]> {
  const rows = await selectGrants(db)
    .where('access_grant.subject_kind', 'in', ['authenticated', 'anonymous'])
    .execute();
  return rows.map(grantOf);
}

/** All whose pattern matches `name`, whoever they name: by the index, since a name has few patterns. */
export async function grantsOn(db: Queries, name: RepositoryName): Promise<Grant[]> {
  const rows = await selectGrants(db)
    .where('access_grant.pattern', 'in', coveringPatterns({ kind: 'exact', name }))
    .execute();
  return rows.map(grantOf);
}

/**
 * Accounts that may have other rights to `name` than any account: named by a grant on it, by themselves or by a team,
 * owner of its namespace, or administrator. In the order of their names, without the disabled ones.
 */
export async function accountsReaching(
  db: Queries,
  name: RepositoryName,
  { after, limit }: NamePage,
): Promise<SubjectRow[]> {
  const named = db
    .selectFrom('access_grant')
    .select('subject_id')
    .where('pattern', 'in', coveringPatterns({ kind: 'exact', name }))
    .where('subject_id', 'is not', null);
  const members = db.selectFrom('team_member').select('user_id').where('team_id', 'in', named);
  return db
    .selectFrom('subject')
    .selectAll()
    .where('kind', 'in', ['user', 'robot'])
    .where('disabled', '=', 0)
    .where('name', '>', after)
    .where((eb) =>
      eb.or([
        eb('admin', '=', 1),
        eb('name', '=', namespaceOf(name)),
        eb('id', 'in', named),
        eb('id', 'in', members),
      ]),
    )
    .orderBy('name')
    .limit(limit)
    .execute();
}
