import type { Queries, TokenDatabase } from '../database.ts';

/** How long a personal access token is listed after its end, for who wonders why it does not work, in milliseconds. */
export const listedAfterEnd = 30 * 24 * 60 * 60 * 1000;

/** What is removed in one transaction, in which every other writer waits. */
const rowsAtOnce = 500;

/**
 * Removes refresh tokens that are good no more, and personal access tokens that have ended {@link listedAfterEnd} ago.
 * Resolves to how many there were. The policy version stays: they gave no rights any more.
 */
export async function removeEnded(database: TokenDatabase, now: number = Date.now()): Promise<number> {
  const ids = (await findEnded(database.reader, now)).map(({ id }) => id);
  for (let from = 0; from < ids.length; from += rowsAtOnce) {
    const some = ids.slice(from, from + rowsAtOnce);
    await database.transaction((trx) => trx.deleteFrom('credential').where('id', 'in', some).execute(), {
      relaxed: true,
    });
  }
  return ids.length;
}

async function findEnded(db: Queries, now: number): Promise<{ id: string }[]> {
  return db
    .selectFrom('credential')
    .innerJoin('subject', 'subject.id', 'credential.subject_id')
    .select('credential.id')
    .where((eb) =>
      eb.or([
        eb.and([eb('credential.kind', '=', 'personal'), eb('expires_at', '<=', now - listedAfterEnd)]),
        eb.and([
          eb('credential.kind', '=', 'refresh'),
          eb.or([eb('expires_at', '<=', now), eb('credential.epoch', '<', eb.ref('subject.epoch'))]),
        ]),
      ]),
    )
    .execute();
}
