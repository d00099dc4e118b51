import type { Database } from '@berth/database';
import {
  OciError,
  parseRepositoryName,
  type Actor,
  type RepositoryAction,
  type RepositoryFacts,
  type Visibility,
} from '@berth/protocol';
import { findRepository, type Repository } from '../metadata/repositories.ts';
import type { DistributionTables } from '../metadata/schema/tables.ts';
import { noSuchRepository } from './no-such-repository.ts';

/** An account that may pull but not do `action` is told so; one that may not pull learns nothing. */
export async function visible(
  database: Database<DistributionTables>,
  actor: Actor,
  name: string | undefined,
  action: RepositoryAction,
): Promise<Repository> {
  const repository = await findRepository(database.reader, parseRepositoryName(name ?? ''));
  if (repository === undefined) throw noSuchRepository();
  const facts = { ...repository, exists: true };
  const pull = actor.access.may(facts, 'pull');
  if (!pull.allowed && !manages(actor, facts)) {
    throw noSuchRepository(pull.reason);
  }
  requireMay(actor, repository, action);
  return repository;
}

/** Throws `DENIED`. */
export function requireMay(actor: Actor, repository: Repository, action: RepositoryAction): void {
  const verdict = actor.access.may({ ...repository, exists: true }, action);
  const narrowed = action !== 'pull' && actor.narrowed && 'a narrowed token changes nothing';
  const reason = verdict.allowed ? narrowed : verdict.reason;
  if (reason === false) return;
  throw new OciError('DENIED', { message: reason });
}

const fromClosedToOpen: readonly Visibility[] = ['private', 'internal', 'public'];

/** Throws `DENIED`: who opens a repository gives `pull` to others, and nobody gives what he does not have. */
export function requireMayOpen(
  actor: Actor,
  repository: Repository,
  visibility: Visibility = repository.visibility,
): void {
  const opens = fromClosedToOpen.indexOf(visibility) > fromClosedToOpen.indexOf(repository.visibility);
  const pull = actor.access.may({ ...repository, exists: true }, 'pull');
  if (!opens || actor.admin || pull.allowed) return;
  throw new OciError('DENIED', { message: pull.reason });
}

/** An account with `admin` could take a deny of `pull` away, so that hides nothing from it. */
function manages({ access, narrowed }: Actor, facts: RepositoryFacts): boolean {
  return !narrowed && access.may(facts, 'admin').allowed;
}
