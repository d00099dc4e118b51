import { notThere, OciError, type Actor, type RepositoryFacts } from '@berth/protocol';
import { holds, type Holding } from '../policy/holds.ts';
import type { Principals } from '../policy/principal.ts';

export function denial(reason: string): OciError {
  return new OciError('DENIED', { message: reason });
}

/** The same for what is missing and what is hidden; `hiddenBecause` goes to the audit only. */
export function notFound(what: string, hiddenBecause?: string): OciError {
  return notThere(`there is no such ${what}`, hiddenBecause);
}

/** Whether the actor may know who has which rights to it: who has `admin` may. A narrowed token manages nothing. */
export function managesRepository({ admin, narrowed, access }: Actor, repository: RepositoryFacts): boolean {
  return !narrowed && (admin || access.may(repository, 'admin').allowed);
}

/** What somebody holds on whole patterns at this moment. */
export type Holdings = (holding: Holding) => boolean;

export async function holdingsOf(principals: Principals, actor: Actor): Promise<Holdings> {
  if (actor.narrowed) return () => false;
  if (actor.admin) return () => true;
  const principal =
    actor.account === null
      ? undefined
      : await principals.load({ uid: actor.account.id, cid: actor.credential });
  return (holding) => principal !== undefined && holds(principal, holding);
}
