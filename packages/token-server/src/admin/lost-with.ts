import type { TokenTransaction } from '../database.ts';
import { listTokens } from '../credentials/personal-tokens.ts';
import { grantsOf } from '../grants/grants.ts';
import type { SubjectRow } from '../subjects/subjects.ts';
import { listMembers, teamsOf } from '../subjects/teams.ts';
import type { Change } from './change.ts';
import { grantView } from './grant-view.ts';
import { tokenView } from './token-view.ts';

const all = { after: '', limit: 1_000_000 };

/** What goes with a subject that is about to be deleted, an event each, as if it had been deleted by itself. */
export async function lostWith(trx: TokenTransaction, subject: SubjectRow): Promise<Change[]> {
  const lost = [
    ...(await lostGrants(trx, subject)),
    ...(await lostMembers(trx, subject)),
    ...(await lostTokens(trx, subject)),
  ];
  return lost.map((change) => ({ ...change, reason: `deleted with ${subject.kind} ${subject.name}` }));
}

async function lostGrants(trx: TokenTransaction, { kind, id }: SubjectRow): Promise<Change[]> {
  const rows = await grantsOf(trx, { kind, id });
  return rows.map((row) => ({
    action: 'grant.delete',
    target: row.id,
    repository: row.pattern,
    before: grantView(row),
  }));
}

async function lostMembers(trx: TokenTransaction, { kind, id, name }: SubjectRow): Promise<Change[]> {
  const states =
    kind === 'team'
      ? (await listMembers(trx, id, all)).map((user) => ({ team: name, user: user.name }))
      : (await teamsOf(trx, id)).map((team) => ({ team: team.name, user: name }));
  return states.map((before) => ({ action: 'member.remove', target: before.team, before }));
}

async function lostTokens(trx: TokenTransaction, { id, kind, name }: SubjectRow): Promise<Change[]> {
  const rows = await listTokens(trx, { subjectId: id, ...all });
  return rows.map((row) => ({
    action: 'token.delete',
    target: row.id,
    before: tokenView(row, { kind, name }),
  }));
}
