import type { ReadableNames, Visibility } from '@berth/protocol';
import type { Principal } from './principal.ts';
import { bitOf } from './rule.ts';

/** Every repository that the principal may pull, as patterns: the same answer as asking for each name. */
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
  return { allow, deny, visibilities, within };
}
