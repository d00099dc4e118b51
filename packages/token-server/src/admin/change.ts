import { isUniqueViolation, moveVersion } from '@berth/database';
import { OciError, type Actor, type AuditEvent } from '@berth/protocol';
import { recordIn } from '../audit-log.ts';
import type { TokenTransaction } from '../database.ts';
import { by, type AdminContext } from './context.ts';

/** What was done, for the audit; the rest of the event is known. */
export type Change = Pick<AuditEvent, 'action' | 'target' | 'repository' | 'before' | 'after'>;

export interface Outcome<Result> {
  readonly result: Result;
  /** Absent where nothing had to be changed. */
  readonly change?: Change;
  /** Rights became fewer or more for an account that exists: what is remembered of them is old. */
  readonly movesPolicy?: boolean;
}

/** One transaction: rows, policy version, audit. */
export async function changeAs<Result>(
  { database }: Pick<AdminContext, 'database'>,
  actor: Actor,
  work: (trx: TokenTransaction) => Promise<Outcome<Result>>,
): Promise<Result> {
  return database.transaction(async (trx) => {
    const { result, change, movesPolicy } = await work(trx);
    if (movesPolicy === true) await moveVersion(trx, 'policy');
    if (change !== undefined) await recordIn(trx, { ...by(actor), ...change, outcome: 'done' });
    return result;
  });
}

/** A name that is taken, by a user, a team or a robot, as `CONFLICT`. */
export async function withFreeName<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new OciError('CONFLICT', { message: `the name ${name} is taken`, cause: error });
  }
}
