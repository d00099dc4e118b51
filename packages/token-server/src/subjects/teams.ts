import type { Queries, TokenTransaction } from '../database.ts';
import { insertSubject, type NamePage, type SubjectRow } from './subjects.ts';

export async function insertTeam(
  trx: TokenTransaction,
  team: { readonly name: string; readonly createdBy: string },
): Promise<SubjectRow> {
  return insertSubject(trx, { name: team.name, kind: 'team', created_by: team.createdBy });
}

/** The teams of a user, in the order of their names. */
export async function teamsOf(db: Queries, userId: string): Promise<SubjectRow[]> {
  return db
    .selectFrom('team_member')
    .innerJoin('subject', 'subject.id', 'team_member.team_id')
    .selectAll('subject')
    .where('team_member.user_id', '=', userId)
    .orderBy('subject.name')
    .execute();
}

/** Names of the users in a team. */
export async function listMembers(db: Queries, teamId: string, page: NamePage): Promise<{ name: string }[]> {
  return db
    .selectFrom('team_member')
    .innerJoin('subject', 'subject.id', 'team_member.user_id')
    .select('subject.name')
    .where('team_member.team_id', '=', teamId)
    .where('subject.name', '>', page.after)
    .orderBy('subject.name')
    .limit(page.limit)
    .execute();
}

/** `false` where the user is in the team already. */
export async function addMember(trx: TokenTransaction, teamId: string, userId: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('team_member')
    .values({ team_id: teamId, user_id: userId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** `false` where the user is not in the team. */
export async function removeMember(trx: TokenTransaction, teamId: string, userId: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('team_member')
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
