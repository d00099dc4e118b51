import { compiledOnce } from '@berth/database';
import type { Digest, DigestAlgorithm, RepositoryName } from '@berth/protocol';
import type { Reader, Writer } from './schema/tables.ts';

/** Whose session it is: one of another repository or of another account does not exist. */
export interface UploadKey {
  readonly id: string;
  readonly repository: RepositoryName;
  readonly accountId: string | null;
}

const newUpload = compiledOnce((trx: Writer, key: UploadKey & { algorithm: DigestAlgorithm; now: number }) =>
  trx.insertInto('upload').values({
    id: key.id,
    repository: key.repository,
    account_id: key.accountId,
    algorithm: key.algorithm,
    fence: 0,
    digest: null,
    started_at: key.now,
    updated_at: key.now,
  }),
);

export async function insertUpload(
  trx: Writer,
  key: UploadKey,
  algorithm: DigestAlgorithm,
  now: number,
): Promise<void> {
  await newUpload(trx, { ...key, algorithm, now });
}

const ownUpload = compiledOnce((db: Reader, key: UploadKey) =>
  db
    .selectFrom('upload')
    .select('id')
    .where('id', '=', key.id)
    .where('repository', '=', key.repository)
    .where('account_id', 'is not distinct from', key.accountId),
);

export async function hasUpload(db: Reader, key: UploadKey): Promise<boolean> {
  return (await ownUpload(db, key)).rows.length > 0;
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

const claim = compiledOnce((trx: Writer, key: UploadKey & { now: number }) =>
  trx
    .updateTable('upload')
    .set((eb) => ({ fence: eb('fence', '+', 1), updated_at: key.now }))
    .where('id', '=', key.id)
    .where('repository', '=', key.repository)
    .where('account_id', 'is not distinct from', key.accountId)
    .returning(['fence', 'algorithm', 'digest']),
);

/** `undefined` where there is no session. */
export async function claimUpload(
  trx: Writer,
  key: UploadKey,
  now: number,
): Promise<UploadClaim | undefined> {
  const [row] = (await claim(trx, { ...key, now })).rows;
  return row && { ...row, digest: row.digest as Digest | null };
}

interface Fenced {
  readonly id: string;
  readonly fence: number;
}

const note = compiledOnce((trx: Writer, { id, fence, digest }: Fenced & { digest: Digest | null }) =>
  trx.updateTable('upload').set({ digest }).where('id', '=', id).where('fence', '=', fence),
);

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
  return (await note(trx, { id, fence, digest })).changed > 0;
}

/** Whether a session is about to make it a blob. */
export async function isDigestNoted(db: Reader, digest: Digest): Promise<boolean> {
  const row = await db.selectFrom('upload').select('id').where('digest', '=', digest).executeTakeFirst();
  return row !== undefined;
}

/** No session that has noted it makes it a blob. Whether there was one. */
export async function overtakeNoted(trx: Writer, digest: Digest): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('upload')
    .set((eb) => ({ fence: eb('fence', '+', 1), digest: null }))
    .where('digest', '=', digest)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

const endOf = compiledOnce((trx: Writer, { id, fence }: Fenced) =>
  trx.deleteFrom('upload').where('id', '=', id).where('fence', '=', fence),
);

/** Whether the writer with this fence was still the last one; else the session goes on. */
export async function endUpload(trx: Writer, id: string, fence: number): Promise<boolean> {
  return (await endOf(trx, { id, fence })).changed > 0;
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
