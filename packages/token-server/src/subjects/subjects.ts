import { randomUUID } from 'node:crypto';
import type { Selectable, Updateable } from 'kysely';
import type { Queries, TokenTransaction } from '../database.ts';
import type { SubjectTable } from '../schema/subject.ts';

export type SubjectRow = Selectable<SubjectTable>;
export type SubjectKind = SubjectRow['kind'];

/** A page of a list in the order of names. */
export interface NamePage {
  /** The last name of the page before; empty for the first page. */
  readonly after: string;
  readonly limit: number;
}

export async function findSubject(
  db: Queries,
  kind: SubjectKind,
  name: string,
): Promise<SubjectRow | undefined> {
  return db
    .selectFrom('subject')
    .selectAll()
    .where('name', '=', name)
    .where('kind', '=', kind)
    .executeTakeFirst();
}

export async function findSubjectById(db: Queries, id: string): Promise<SubjectRow | undefined> {
  return db.selectFrom('subject').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function listSubjects(db: Queries, kind: SubjectKind, page: NamePage): Promise<SubjectRow[]> {
  return db
    .selectFrom('subject')
    .selectAll()
    .where('kind', '=', kind)
    .where('name', '>', page.after)
    .orderBy('name')
    .limit(page.limit)
    .execute();
}

/** What a new subject has unless it is given. */
const initial = { disabled: 0, epoch: 0, admin: 0, email: null, password_hash: null, pattern: null };

/** Rejects with a unique violation where the name is taken, by whatever kind. */
export async function insertSubject(
  trx: TokenTransaction,
  subject: Pick<SubjectRow, 'name' | 'kind' | 'created_by'> &
    Partial<Pick<SubjectRow, 'admin' | 'email' | 'password_hash' | 'pattern'>>,
): Promise<SubjectRow> {
  const row = { ...initial, ...subject, id: randomUUID(), created_at: Date.now() };
  return trx.insertInto('subject').values(row).returningAll().executeTakeFirstOrThrow();
}

/** Resolves to the row as it is then. */
export async function updateSubject(
  trx: TokenTransaction,
  id: string,
  changes: Updateable<SubjectTable>,
): Promise<SubjectRow> {
  return trx
    .updateTable('subject')
    .set(changes)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** With all that hangs on it: memberships, credentials, grants. */
export async function deleteSubject(trx: TokenTransaction, id: string): Promise<void> {
  await trx.deleteFrom('subject').where('id', '=', id).execute();
}
