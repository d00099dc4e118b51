import { moveVersion, type Database } from '@berth/database';
import { noSuchRepository, type Actor, type TransactionalAuditLog } from '@berth/protocol';
import {
  changeRepository,
  findRepository,
  type Repository,
  type RepositoryChange,
} from '../metadata/repositories.ts';
import type { DistributionTables } from '../metadata/schema/tables.ts';
import { repositoryBody } from './repository-body.ts';

export interface ChangeOptions {
  readonly database: Database<DistributionTables>;
  readonly audit: TransactionalAuditLog;
}

/**
 * One transaction: it changes the row, moves the policy version where the visibility changes, and writes the audit.
 * Resolves to the repository as it is then. Throws `NOT_FOUND` where it was deleted meanwhile, even if there is a new
 * one with its name.
 */
export async function changeAndRecord(
  { database, audit }: ChangeOptions,
  { id, name }: Repository,
  actor: Actor,
  change: RepositoryChange,
): Promise<Repository> {
  return database.transaction(async (trx) => {
    const before = await findRepository(trx, name);
    if (before?.id !== id) throw noSuchRepository(name);
    await changeRepository(trx, id, change);
    const after = { ...before, ...definedOf(change) };
    if (after.visibility !== before.visibility) await moveVersion(trx, 'policy');
    const states = { before: repositoryBody(before), after: repositoryBody(after) };
    if (JSON.stringify(states.before) === JSON.stringify(states.after)) return after;
    await audit.recordIn(trx, {
      ...by(actor, before),
      ...states,
      action: 'repository.change',
      outcome: 'done',
    });
    return after;
  });
}

/** The part of an audit event that says who, and about what. */
export function by({ name, address, credential }: Actor, repository: Pick<Repository, 'name'>) {
  return { actor: name, address, credential, repository: repository.name };
}

function definedOf(change: RepositoryChange): Partial<Repository> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
