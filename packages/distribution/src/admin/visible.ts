import type { Database } from '@berth/database';
import {
  noSuchRepository,
  OciError,
  parseRepositoryName,
  type Actor,
  type RepositoryAction,
  type RepositoryFacts,
  type Visibility,
} from '@berth/protocol';
import { findRepository, type Repository } from '../metadata/repositories.ts';
import type { DistributionTables } from '../metadata/schema/tables.ts';
import { requireAllowed } from '../stores/tag-rules.ts';

/** An account that may pull but not do `action` is told so; one that may not pull learns nothing. */
export async function visible(
  database: Database<DistributionTables>,
  actor: Actor,
  name: string | undefined,
  action: RepositoryAction,
): Promise<Repository> {
  const asked = parseRepositoryName(name ?? '');
  const repository = await findRepository(database.reader, asked);
  if (repository === undefined) throw noSuchRepository(asked);
  const facts = { ...repository, exists: true };
  const pull = actor.access.may(facts, 'pull');
  if (!pull.allowed && !manages(actor, facts)) {
    throw noSuchRepository(asked, pull.reason);
  }
  requireMay(actor, repository, action);
  return repository;
}

/** Throws `DENIED`. */
function requireMay(actor: Actor, repository: Repository, action: RepositoryAction): void {
  const verdict = actor.access.may({ ...repository, exists: true }, action);
  const narrowed = action !== 'pull' && actor.narrowed && 'a narrowed token changes nothing';
  const reason = verdict.allowed ? narrowed : verdict.reason;
  if (reason === false) return;
  throw new OciError('DENIED', { message: reason });
}

const fromClosedToOpen: readonly Visibility[] = ['private', 'internal', 'public'];

/** Throws `DENIED`, also where one may delete some tags only: all of them go. */
export function requireMayDelete({ access }: Actor, repository: Repository): void {
  requireAllowed(access.deleteAll({ ...repository, exists: true }));
}

/**
 * Throws `DENIED`: who opens a repository gives `pull` to others, and nobody gives what he does not have. It stays open, so
 * what he has must not end either; to close it gives nothing to anybody.
 */
export function requireMayOpen(
  actor: Actor,
  repository: Repository,
  visibility: Visibility = repository.visibility,
): void {
  const opens = fromClosedToOpen.indexOf(visibility) > fromClosedToOpen.indexOf(repository.visibility);
  if (!opens || actor.admin) return;
  for (const action of ['pull', 'admin'] as const) requireLasting(actor, repository, action);
}

function requireLasting({ access }: Actor, repository: Repository, action: RepositoryAction): void {
  const verdict = access.may({ ...repository, exists: true }, action);
  requireAllowed(verdict);
  if (!verdict.allowed || verdict.until === undefined) return;
  const ends = `your ${action} on ${repository.name} ends at ${new Date(verdict.until).toISOString()}`;
  const message = `${ends}, and a repository stays open: share it by a grant that ends no later`;
  throw new OciError('DENIED', { message });
}

/** An account with `admin` could take a deny of `pull` away, so that hides nothing from it. */
function manages({ access, narrowed }: Actor, facts: RepositoryFacts): boolean {
  return !narrowed && access.may(facts, 'admin').allowed;
}
