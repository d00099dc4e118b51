import { matchesRepository, matchesTag, type Action, type RepositoryFacts, type Tag } from '@berth/protocol';
import type { Principal } from './principal.ts';
import { bitOf, type Rule } from './rule.ts';

/** Instead of a tag: every tag that there can be, and what no tag names too. */
export const everyTag: unique symbol = Symbol('every tag');

export interface Question {
  readonly repository: RepositoryFacts;
  readonly action: Action;
  /**
   * Which tag is put, moved or deleted; `null`: what no tag names; {@link everyTag}: all of these. Absent: whether there can
   * be a tag for which it is allowed.
   */
  readonly tag?: Tag | typeof everyTag | null | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type Reason =
  /** A grant, or what the account owns: see {@link Decision.rule}. */
  | 'rule'
  | 'visibility'
  /** A deny. */
  | 'denied'
  /** Nothing allows it. */
  | 'no-rule'
  /** The account may, the credential may not. */
  | 'credential';

export interface Decision {
  readonly allowed: boolean;
  readonly reason: Reason;
  /** What decided; for `credential`, what would have. */
  readonly rule?: Rule | undefined;
  /** Until when it holds, by the expiry of what it rests on, in milliseconds since 1970. */
  readonly until?: number | undefined;
}

/** What became of a rule whose pattern matches. */
export type Outcome = 'counts' | 'expired' | 'other-action' | 'other-tag' | 'overruled';

/** Sees every rule whose pattern matches. */
export type Trace = (rule: Rule, outcome: Outcome) => void;

/**
 * Order never matters: any matching deny wins, else any matching allow, else no. Then the credential's limits cut it.
 * Of several rules that say the same, the one that ends last decides; of those, what the account owns, then what was
 * given to it, to its teams, to everybody, and of each the widest.
 */
export function evaluate(principal: Principal, question: Question, trace?: Trace): Decision {
  let allow: Rule | undefined;
  let deny: Rule | undefined;
  for (const rule of principal.rules.matching(question.repository.name)) {
    const outcome = consider(rule, question, principal.admin);
    trace?.(rule, outcome);
    if (outcome !== 'counts') continue;
    if (rule.effect === 'deny') deny = later(deny, rule);
    else allow = later(allow, rule);
  }
  if (deny !== undefined)
    return { allowed: false, reason: 'denied', rule: deny, until: deny.expiresAt ?? undefined };
  return cut(principal, question, uncut(principal, question, allow));
}

function consider(rule: Rule, { action, tag, now }: Question, admin: boolean): Outcome {
  if ((rule.bits & bitOf(action)) === 0) return 'other-action';
  if (rule.expiresAt !== null && rule.expiresAt <= now) return 'expired';
  if (rule.tags !== null && !countsForTags(rule, rule.tags, action, tag)) return 'other-tag';
  return admin && action === 'admin' && rule.effect === 'deny' ? 'overruled' : 'counts';
}

/**
 * A tag pattern limits what is done to tags. Where no tag is named yet (a token for `push`, the making of a
 * repository), an allow for some tags is enough to begin, and a deny of some takes nothing; to pull is about no tag. What
 * no tag names is beyond both. `admin` is about all of a repository, so an allow for some tags never gives it. Where it is
 * about every tag, an allow for some is too little, and a deny of some takes it all.
 */
function countsForTags(rule: Rule, tags: string, action: Action, tag: Question['tag']): boolean {
  if (tag === everyTag) {
    if (action !== 'pull' && action !== 'admin') return rule.effect === 'deny';
  } else if (tag !== undefined && isTagAction(action)) {
    return tag !== null && matchesTag(tags, tag);
  }
  return rule.effect === 'allow' && action !== 'admin';
}

/** What a tag pattern limits. */
export function isTagAction(action: Action): boolean {
  return action === 'push' || action === 'overwrite' || action === 'delete';
}

function later(one: Rule | undefined, other: Rule): Rule {
  if (one === undefined) return other;
  if (one.expiresAt === null) return one;
  return other.expiresAt === null || other.expiresAt > one.expiresAt ? other : one;
}

/** Visibility is an allow like any other, and one that does not end. */
function uncut(principal: Principal, question: Question, allow: Rule | undefined): Decision {
  const ends = allow?.expiresAt ?? undefined;
  if (allow !== undefined && ends === undefined) return { allowed: true, reason: 'rule', rule: allow };
  if (isOpen(principal, question)) return { allowed: true, reason: 'visibility' };
  if (allow !== undefined) return { allowed: true, reason: 'rule', rule: allow, until: ends };
  return { allowed: false, reason: 'no-rule' };
}

export function isOpen(
  { account }: Principal,
  { repository: { visibility }, action }: Pick<Question, 'repository' | 'action'>,
): boolean {
  return action === 'pull' && (visibility === 'public' || (visibility === 'internal' && account !== null));
}

function cut({ limits, credentialExpiresAt }: Principal, question: Question, decision: Decision): Decision {
  if (!decision.allowed) return decision;
  const { repository, action } = question;
  const fits =
    limits === null ||
    limits.some(
      (limit) => limit.actions.includes(action) && matchesRepository(limit.repository, repository.name),
    );
  if (!fits) return { allowed: false, reason: 'credential', rule: decision.rule };
  const until = earliest(decision.until, credentialExpiresAt ?? undefined);
  return until === decision.until ? decision : { ...decision, until };
}

/** `undefined` stands for never. */
export function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
