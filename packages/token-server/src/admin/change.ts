import { isUniqueViolation } from '@berth/database';
import { OciError, type Actor, type AuditEvent } from '@berth/protocol';
import { recordIn } from '../audit-log.ts';
import type { TokenTransaction } from '../database.ts';
import { movePolicy, type Touched } from '../policy/changes.ts';
import { by, type AdminContext } from './context.ts';

/** What was done, for the audit; the rest of the event is known. */
export type Change = Pick<AuditEvent, 'action' | 'target' | 'repository' | 'before' | 'after' | 'reason'>;

/** All that the audit has of a password. */
export const passwordChanged = { password: 'changed' };

export interface Outcome<Result> {
  readonly result: Result;
  /** Absent where nothing had to be changed. */
  readonly change?: Change | readonly Change[];
  /** Whose rights became fewer or more: what is remembered of them is old. Absent: nobody's. */
  readonly touches?: Touched | undefined;
}

/** One transaction: rows, policy version, audit. */
export async function changeAs<Result>(
  { database }: Pick<AdminContext, 'database'>,
  actor: Actor,
  work: (trx: TokenTransaction) => Promise<Outcome<Result>>,
): Promise<Result> {
  return database.transaction(async (trx) => {
    const { result, change = [], touches } = await work(trx);
    if (touches !== undefined) await movePolicy(trx, touches);
    for (const each of [change].flat()) await recordIn(trx, { ...by(actor), ...each, outcome: 'done' });
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
