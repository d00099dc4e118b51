import type { Insertable, Selectable } from 'kysely';
import type { Queries, TokenDatabase, TokenTransaction } from '../database.ts';
import type { CredentialTable } from '../schema/credential.ts';
import type { SubjectTable } from '../schema/subject.ts';

export type PersonalTokenRow = Selectable<CredentialTable>;

/** A token and the account that it belongs to. */
export interface OwnedToken {
  readonly token: PersonalTokenRow;
  readonly owner: Selectable<SubjectTable>;
}

/** How often the last use is written, in milliseconds. */
const useInterval = 60_000;

export async function findTokenBySecret(db: Queries, secretHash: string): Promise<OwnedToken | undefined> {
  return findOwned(db, 'secret_hash', secretHash);
}

export async function findToken(db: Queries, id: string): Promise<OwnedToken | undefined> {
  return findOwned(db, 'id', id);
}

async function findOwned(
  db: Queries,
  column: 'id' | 'secret_hash',
  value: string,
): Promise<OwnedToken | undefined> {
  const token = await db
    .selectFrom('credential')
    .selectAll()
    .where(column, '=', value)
    .where('kind', '=', 'personal')
    .executeTakeFirst();
  if (token === undefined) return undefined;
  const owner = await db
    .selectFrom('subject')
    .selectAll()
    .where('id', '=', token.subject_id)
    .executeTakeFirst();
  return owner && { token, owner };
}

export interface TokenPage {
  /** Everybody's where it is absent. */
  readonly subjectId?: string | undefined;
  readonly after: string;
  readonly limit: number;
}

/** In the order of their ids, with the name and the kind of the owner. */
export async function listTokens(db: Queries, { subjectId, after, limit }: TokenPage) {
  let query = db
    .selectFrom('credential')
    .innerJoin('subject', 'subject.id', 'credential.subject_id')
    .selectAll('credential')
    .select(['subject.name as owner_name', 'subject.kind as owner_kind'])
    .where('credential.kind', '=', 'personal')
    .where('credential.id', '>', after);
  if (subjectId !== undefined) query = query.where('credential.subject_id', '=', subjectId);
  return query.orderBy('credential.id').limit(limit).execute();
}

export async function insertToken(trx: TokenTransaction, row: Insertable<CredentialTable>): Promise<void> {
  await trx.insertInto('credential').values(row).execute();
}

/** Those of one account, also the ones that have ended. */
export async function countTokens(db: Queries, subjectId: string): Promise<number> {
  const { count } = await db
    .selectFrom('credential')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('subject_id', '=', subjectId)
    .where('kind', '=', 'personal')
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Those of one account that ended by `now`. */
export async function removeEndedTokens(
  trx: TokenTransaction,
  subjectId: string,
  now: number,
): Promise<void> {
  await trx
    .deleteFrom('credential')
    .where('subject_id', '=', subjectId)
    .where('kind', '=', 'personal')
    .where('expires_at', '<=', now)
    .execute();
}

export async function deleteToken(trx: TokenTransaction, id: string): Promise<void> {
  await trx.deleteFrom('credential').where('id', '=', id).where('kind', '=', 'personal').execute();
}

/** Notes the use of a token, unless one within the last minute is noted already. */
export async function touchToken(
  database: TokenDatabase,
  token: PersonalTokenRow,
  now: number,
): Promise<void> {
  if (token.last_used_at !== null && token.last_used_at > now - useInterval) return;
  await database.transaction(async (trx) => {
    await trx
      .updateTable('credential')
      .set({ last_used_at: now })
      .where('id', '=', token.id)
      .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<=', now - useInterval)]))
      .execute();
  });
}
