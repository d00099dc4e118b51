import type { Queries, TokenTransaction } from '../database.ts';
import { insertSubject, updateSubject, type SubjectRow } from './subjects.ts';

export interface NewUser {
  readonly name: string;
  readonly createdBy: string;
  /** As {@link isKnownHash} of the hasher takes it; `null`: no login by password. */
  readonly passwordHash: string | null;
  readonly email?: string | null | undefined;
  readonly admin?: boolean | undefined;
}

export interface UserChanges {
  /** Moves the epoch: tokens and refresh tokens of the old password end. */
  readonly passwordHash?: string | undefined;
  readonly email?: string | null | undefined;
  readonly admin?: boolean | undefined;
  readonly disabled?: boolean | undefined;
}

export async function insertUser(trx: TokenTransaction, user: NewUser): Promise<SubjectRow> {
  return insertSubject(trx, {
    name: user.name,
    kind: 'user',
    created_by: user.createdBy,
    admin: user.admin === true ? 1 : 0,
    email: user.email ?? null,
    password_hash: user.passwordHash,
  });
}

export async function updateUser(
  trx: TokenTransaction,
  user: SubjectRow,
  changes: UserChanges,
): Promise<SubjectRow> {
  const { passwordHash, email = user.email, admin, disabled } = changes;
  return updateSubject(trx, user.id, {
    email,
    admin: flag(admin) ?? user.admin,
    disabled: flag(disabled) ?? user.disabled,
    ...(passwordHash === undefined ? {} : { password_hash: passwordHash, epoch: user.epoch + 1 }),
  });
}

/**
 * Another hash of the same password: the epoch stays, and so do the tokens. `false` where the password
 * was changed meanwhile.
 */
export async function replaceHash(
  trx: TokenTransaction,
  { id, password_hash }: SubjectRow,
  passwordHash: string,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('subject')
    .set({ password_hash: passwordHash })
    .where('id', '=', id)
    .where('password_hash', '=', password_hash)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Whether somebody but this user can still administer Berth over the network. */
export async function hasOtherAdmin(db: Queries, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom('subject')
    .select('id')
    .where('kind', '=', 'user')
    .where('admin', '=', 1)
    .where('disabled', '=', 0)
    .where('id', '!=', userId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether there is any user or robot. */
export async function hasAccount(db: Queries): Promise<boolean> {
  const row = await db
    .selectFrom('subject')
    .select('id')
    .where('kind', 'in', ['user', 'robot'])
    .executeTakeFirst();
  return row !== undefined;
}

function flag(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
