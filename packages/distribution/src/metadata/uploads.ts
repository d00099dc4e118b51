import type { Digest, DigestAlgorithm, RepositoryName } from '@berth/protocol';
import type { Reader, Writer } from './schema/tables.ts';

/** Whose session it is: one of another repository or of another account does not exist. */
export interface UploadKey {
  readonly id: string;
  readonly repository: RepositoryName;
  readonly accountId: string | null;
}

export async function insertUpload(
  trx: Writer,
  { id, repository, accountId: account_id }: UploadKey,
  algorithm: DigestAlgorithm,
  now: number,
): Promise<void> {
  const times = { started_at: now, updated_at: now };
  await trx
    .insertInto('upload')
    .values({ id, repository, account_id, algorithm, fence: 0, digest: null, ...times })
    .execute();
}

export async function hasUpload(db: Reader, key: UploadKey): Promise<boolean> {
  const row = await db
    .selectFrom('upload')
    .select('id')
    .where('id', '=', key.id)
    .where('repository', '=', key.repository)
    .where('account_id', 'is not distinct from', key.accountId)
    .executeTakeFirst();
  return row !== undefined;
}

/** What a writer that begins has to know. */
export interface UploadClaim {
  /** Higher than that of every earlier writer. */
  readonly fence: number;
  readonly algorithm: DigestAlgorithm;
}

/** `undefined` where there is no session. */
export async function claimUpload(
  trx: Writer,
  key: UploadKey,
  now: number,
): Promise<UploadClaim | undefined> {
  return trx
    .updateTable('upload')
    .set((eb) => ({ fence: eb('fence', '+', 1), updated_at: now }))
    .where('id', '=', key.id)
    .where('repository', '=', key.repository)
    .where('account_id', 'is not distinct from', key.accountId)
    .returning(['fence', 'algorithm'])
    .executeTakeFirst();
}

/** Whether the writer with this fence is still the last one. */
export async function noteDigest(trx: Writer, id: string, fence: number, digest: Digest): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('upload')
    .set({ digest })
    .where('id', '=', id)
    .where('fence', '=', fence)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Whether the writer with this fence was still the last one; else the session goes on. */
export async function endUpload(trx: Writer, id: string, fence: number): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('upload')
    .where('id', '=', id)
    .where('fence', '=', fence)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function deleteUpload(trx: Writer, id: string): Promise<void> {
  await trx.deleteFrom('upload').where('id', '=', id).execute();
}

/** Sessions that ended between the move of their bytes and the commit. */
export async function listUnfinished(db: Reader): Promise<{ id: string; digest: Digest }[]> {
  const rows = await db
    .selectFrom('upload')
    .select(['id', 'digest'])
    .where('digest', 'is not', null)
    .execute();
  return rows.map(({ id, digest }) => ({ id, digest: digest as Digest }));
}

/** Sessions in which nothing was written since `before`, in milliseconds since 1970. */
export async function listAbandoned(db: Reader, before: number): Promise<string[]> {
  const rows = await db.selectFrom('upload').select('id').where('updated_at', '<', before).execute();
  return rows.map(({ id }) => id);
}
