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

/** Whosever it is. */
export async function isUploadKnown(db: Reader, id: string): Promise<boolean> {
  const row = await db.selectFrom('upload').select('id').where('id', '=', id).executeTakeFirst();
  return row !== undefined;
}

/** What a writer that begins has to know. */
export interface UploadClaim {
  /** Higher than that of every earlier writer. */
  readonly fence: number;
  readonly algorithm: DigestAlgorithm;
  /** Noted by an earlier writer, which did not get to its end. */
  readonly digest: Digest | null;
}

/** `undefined` where there is no session. */
export async function claimUpload(
  trx: Writer,
  key: UploadKey,
  now: number,
): Promise<UploadClaim | undefined> {
  const row = await trx
    .updateTable('upload')
    .set((eb) => ({ fence: eb('fence', '+', 1), updated_at: now }))
    .where('id', '=', key.id)
    .where('repository', '=', key.repository)
    .where('account_id', 'is not distinct from', key.accountId)
    .returning(['fence', 'algorithm', 'digest'])
    .executeTakeFirst();
  return row && { ...row, digest: row.digest as Digest | null };
}

/**
 * Whether the writer with this fence is still the last one. While a digest is noted, its blob is not collected; `null`
 * takes the note away.
 */
export async function noteDigest(
  trx: Writer,
  id: string,
  fence: number,
  digest: Digest | null,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('upload')
    .set({ digest })
    .where('id', '=', id)
    .where('fence', '=', fence)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Whether a session is about to make it a blob. */
export async function isDigestNoted(db: Reader, digest: Digest): Promise<boolean> {
  const row = await db.selectFrom('upload').select('id').where('digest', '=', digest).executeTakeFirst();
  return row !== undefined;
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

/** Answers the digest that was noted; `undefined` where there is no such session. */
export async function deleteUpload(
  trx: Writer,
  id: string,
): Promise<{ readonly digest: Digest | null } | undefined> {
  const row = await trx.deleteFrom('upload').where('id', '=', id).returning('digest').executeTakeFirst();
  return row && { digest: row.digest as Digest | null };
}

/** Sessions that ended between the note of their digest and the commit. */
export async function listUnfinished(db: Reader): Promise<string[]> {
  const rows = await db.selectFrom('upload').select('id').where('digest', 'is not', null).execute();
  return rows.map(({ id }) => id);
}

/** Sessions in which nothing was written since `before`, in milliseconds since 1970. */
export async function listAbandoned(db: Reader, before: number): Promise<string[]> {
  const rows = await db.selectFrom('upload').select('id').where('updated_at', '<', before).execute();
  return rows.map(({ id }) => id);
}
