import { coversPattern, formatRepositoryPattern, type Action } from '@berth/protocol';
import { formatSubject, type Grant } from '../policy/grant.ts';

/** Rights that one subject gains or loses. */
export interface RightsChange {
  readonly subject: string;
  readonly repository: string;
  readonly actions: readonly Action[];
  readonly tags?: string;
}

export interface Difference {
  readonly added: readonly RightsChange[];
  readonly removed: readonly RightsChange[];
}

/**
 * What making a grant that has not ended changes beside the `others` of the same subject; deleting it changes the
 * reverse. Actions that the others give, or deny, on all of its pattern change nothing. What reaches people by other
 * ways (their teams, `authenticated`, visibility) is not looked at: that is what `explain` is for.
 */
export function differenceOf(grant: Grant, others: readonly Grant[], change: 'made' | 'deleted'): Difference {
  const active = others.filter((other) => other.id !== grant.id && covers(other, grant));
  const settled = active.filter((other) => grant.effect === 'allow' || other.effect === 'deny');
  const actions = grant.actions.filter((action) => !settled.some((other) => other.actions.includes(action)));
  if (actions.length === 0) return { added: [], removed: [] };
  const { subject, repository, tags } = grant;
  const rights: RightsChange = {
    subject: formatSubject(subject),
    repository: formatRepositoryPattern(repository),
    actions,
    ...(tags === null ? {} : { tags }),
  };
  const gives = (grant.effect === 'allow') === (change === 'made');
  return gives ? { added: [rights], removed: [] } : { added: [], removed: [rights] };
}

/** For at least the same names and tags, and as long: so one that has ended covers none that has not. */
function covers(other: Grant, grant: Grant): boolean {
  if (!coversPattern(other.repository, grant.repository)) return false;
  if (other.tags !== null && other.tags !== grant.tags) return false;
  return other.expiresAt === null || (grant.expiresAt !== null && other.expiresAt >= grant.expiresAt);
}
