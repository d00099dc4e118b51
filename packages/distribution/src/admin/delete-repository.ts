import { moveVersion } from '@berth/database';
import { noSuchRepository, type Actor, type TransactionalAuditLog } from '@berth/protocol';
import { findRepository, hideRepository, type Repository } from '../metadata/repositories.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { contentsOf } from '../metadata/sizes.ts';
import { allTags } from '../metadata/tags.ts';
import type { StoreContext } from '../stores/context.ts';
import { checkKept } from '../stores/tag-rules.ts';
import { by } from './change-repository.ts';
import { repositoryBody } from './repository-body.ts';

export interface DeleteOptions {
  readonly context: StoreContext;
  readonly audit: TransactionalAuditLog;
}

/**
 * One transaction, however much the repository holds: it loses its name, which is free then, the audit gets an event,
 * and the policy version moves where its visibility had opened something. The collection deletes what it holds. Throws
 * `DENIED` where a tag is immutable, and `NOT_FOUND` where the repository was deleted meanwhile, even if there is a new
 * one with its name.
 */
export async function deleteAndRecord(
  { context, audit }: DeleteOptions,
  repository: Repository,
  actor: Actor,
): Promise<void> {
  await context.database.transaction(async (trx) => {
    const before = await deletable(trx, repository);
    const contents = await contentsOf(trx, before.id);
    await hideRepository(trx, before.id);
    if (before.visibility !== 'private') await moveVersion(trx, 'policy');
    await audit.recordIn(trx, {
      ...by(actor, before),
      action: 'repository.delete',
      outcome: 'done',
      before: { ...repositoryBody(before), ...contents },
    });
  });
}

async function deletable(trx: Writer, { id, name }: Repository): Promise<Repository> {
  const repository = await findRepository(trx, name);
  if (repository?.id !== id) throw noSuchRepository(name);
  if (repository.immutableTags.length > 0) checkKept(repository, await allTags(trx, id));
  return repository;
}
