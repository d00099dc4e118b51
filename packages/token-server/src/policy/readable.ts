import { coversPattern, type ReadableNames, type RepositoryPattern, type Visibility } from '@berth/protocol';
import type { Principal } from './principal.ts';
import { bitOf } from './rule.ts';

/**
 * Every repository that the principal may pull, as patterns: the same answer as asking for each name. With a narrowed
 * credential it leaves out what its visibility alone opens, since names cannot be limited and open in one answer.
 */
export function readableNames({ account, rules, limits }: Principal, now: number): ReadableNames {
  const live = rules.values.filter(
    ({ bits, expiresAt }) => (bits & bitOf('pull')) !== 0 && (expiresAt === null || expiresAt > now),
  );
  const allow = live.filter((rule) => rule.effect === 'allow').map((rule) => rule.pattern);
  const deny = live
    .filter((rule) => rule.effect === 'deny' && rule.tags === null)
    .map((rule) => rule.pattern);
  const visibilities: Visibility[] = account === null ? ['public'] : ['public', 'internal'];
  if (limits === null) return { allow, deny, visibilities };
  const within = limits.filter((limit) => limit.actions.includes('pull')).map((limit) => limit.repository);
  const everywhere = within.some((pattern) => pattern.kind === 'all');
  return { allow: intersection(allow, within), deny, visibilities: everywhere ? visibilities : [] };
}

/** Two patterns lie one in the other or have nothing in common. */
function intersection(
  ones: readonly RepositoryPattern[],
  others: readonly RepositoryPattern[],
): RepositoryPattern[] {
  return ones.flatMap((one) =>
    others.flatMap((other) => (coversPattern(one, other) ? [other] : coversPattern(other, one) ? [one] : [])),
  );
}
