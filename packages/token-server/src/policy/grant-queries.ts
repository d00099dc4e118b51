import type { RepositoryName } from '@berth/protocol';
import type { Queries } from '../database.ts';
import { coveringPatterns } from '../grants/covering.ts';
import { grantOf, type Grant } from './grant.ts';

/** All that name the account, one of its teams, `authenticated` or `anonymous`; the latter only, for nobody. */
export async function grantsReaching(db: Queries, uid: string | undefined): Promise<Grant[]> {
  const rows = await selectGrants(db)
    .where((eb) => {
      const forAll = eb('access_grant.subject_kind', '=', 'anonymous');
      if (uid === undefined) return forAll;
      const teams = eb.selectFrom('team_member').select('team_id').where('user_id', '=', uid);
      return eb.or([
        forAll,
        eb('access_grant.subject_kind', '=', 'authenticated'),
        eb.and([
          eb('access_grant.subject_kind', 'in', ['user', 'robot']),
          eb('access_grant.subject_id', '=', uid),
        ]),
        eb.and([eb('access_grant.subject_kind', '=', 'team'), eb('access_grant.subject_id', 'in', teams)]),
      ]);
    })
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

function selectGrants(db: Queries) {
  return db
    .selectFrom('access_grant')
    .leftJoin('subject', 'subject.id', 'access_grant.subject_id')
    .selectAll('access_grant')
    .select('subject.name as subject_name');
}
