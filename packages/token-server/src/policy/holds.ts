import { coversPattern, type Action, type RepositoryPattern } from '@berth/protocol';
import type { Principal } from './principal.ts';
import { bitOf, type Rule } from './rule.ts';

/** A right to everything that a pattern can match, also to what does not exist yet. */
export interface Holding {
  readonly pattern: RepositoryPattern;
  readonly action: Action;
  /** Only for tags of this pattern; `null`: for every tag. */
  readonly tags?: string | null;
  /** It has to last until then, in milliseconds since 1970; `null`: for ever. Absent: it has to hold now. */
  readonly until?: number | null;
}

/**
 * Whether somebody holds a right on the whole pattern: by one rule that covers it, and with no deny that touches it.
 * Visibility gives nothing here, and a narrowed credential holds nothing: it manages nothing.
 */
export function holds(principal: Principal, holding: Holding, now = Date.now()): boolean {
  if (principal.limits !== null) return false;
  if (principal.admin) return true;
  const rules = principal.rules.values.filter((rule) => isAbout(rule, holding, now));
  if (rules.some(({ effect }) => effect === 'deny')) return false;
  return rules.some((rule) => gives(rule, holding));
}

/** Whether its pattern touches the other one: of two patterns that share a name, one covers the other. */
function isAbout(rule: Rule, { pattern, action }: Holding, now: number): boolean {
  if ((rule.bits & bitOf(action)) === 0) return false;
  if (rule.expiresAt !== null && rule.expiresAt <= now) return false;
  return coversPattern(rule.pattern, pattern) || coversPattern(pattern, rule.pattern);
}

function gives(rule: Rule, { pattern, action, tags = null, until }: Holding): boolean {
  if (!coversPattern(rule.pattern, pattern)) return false;
  if (until !== undefined && rule.expiresAt !== null && (until === null || until > rule.expiresAt))
    return false;
  return rule.tags === null || isTagless(action) || (action !== 'admin' && rule.tags === tags);
}

/** What is done to no tag: a tag pattern does not limit it. */
function isTagless(action: Action): boolean {
  return action === 'pull' || action === 'create';
}
