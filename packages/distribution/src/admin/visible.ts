import type { Database } from '@berth/database';
import {
  OciError,
  parseRepositoryName,
  type Actor,
  type RepositoryAction,
  type RepositoryFacts,
  type TransactionalAuditLog,
  type Visibility,
} from '@berth/protocol';
import { findRepository, type Repository } from '../metadata/repositories.ts';
import type { DistributionTables } from '../metadata/schema/tables.ts';
import { by } from './change-repository.ts';
import { noSuchRepository } from './no-such-repository.ts';

export interface VisibleOptions {
  readonly database: Database<DistributionTables>;
  readonly audit: TransactionalAuditLog;
}

/** An account that may pull but not do `action` is told so; one that may not pull learns nothing. The audit notes both. */
export async function visible(
  { database, audit }: VisibleOptions,
  actor: Actor,
  name: string | undefined,
  action: RepositoryAction,
): Promise<Repository> {
  const repository = await findRepository(database.reader, parseRepositoryName(name ?? ''));
  if (repository === undefined) throw noSuchRepository();
  const facts = { ...repository, exists: true };
  const pull = actor.access.may(facts, 'pull');
  if (!pull.allowed && !manages(actor, facts)) {
    recordDenial(audit, actor, repository, { action, reason: pull.reason });
    throw noSuchRepository();
  }
  requireMay({ audit }, actor, repository, action);
  return repository;
}

/** Throws `DENIED`. The audit has it. */
export function requireMay(
  { audit }: Pick<VisibleOptions, 'audit'>,
  actor: Actor,
  repository: Repository,
  action: RepositoryAction,
): void {
  const verdict = actor.access.may({ ...repository, exists: true }, action);
  const narrowed = action !== 'pull' && actor.narrowed && 'a narrowed token changes nothing';
  const reason = verdict.allowed ? narrowed : verdict.reason;
  if (reason === false) return;
  recordDenial(audit, actor, repository, { action, reason });
  throw new OciError('DENIED', { message: reason });
}

const fromClosedToOpen: readonly Visibility[] = ['private', 'internal', 'public'];

/** Throws `DENIED`: who opens a repository gives `pull` to others, and nobody gives what he does not have. */
export function requireMayOpen(
  { audit }: Pick<VisibleOptions, 'audit'>,
  actor: Actor,
  repository: Repository,
  visibility: Visibility = repository.visibility,
): void {
  const opens = fromClosedToOpen.indexOf(visibility) > fromClosedToOpen.indexOf(repository.visibility);
  const pull = actor.access.may({ ...repository, exists: true }, 'pull');
  if (!opens || actor.admin || pull.allowed) return;
  recordDenial(audit, actor, repository, { action: 'admin', reason: pull.reason });
  throw new OciError('DENIED', { message: pull.reason });
}

function recordDenial(
  audit: TransactionalAuditLog,
  actor: Actor,
  repository: Repository,
  { action, reason }: { readonly action: RepositoryAction; readonly reason: string },
): void {
  audit.record({ ...by(actor, repository), action: `repository.${action}`, outcome: 'denied', reason });
}

/** An account with `admin` could take a deny of `pull` away, so that hides nothing from it. */
function manages({ access, narrowed }: Actor, facts: RepositoryFacts): boolean {
  return !narrowed && access.may(facts, 'admin').allowed;
}
