import { actions, type Action, type RepositoryPattern } from '@berth/protocol';
import type { Grant } from './grant.ts';

/** One thing that speaks for or against an action: a grant, or what an account owns without one. */
export interface Rule {
  readonly effect: 'allow' | 'deny';
  readonly pattern: RepositoryPattern;
  /** The actions, a bit each: see {@link bitOf}. */
  readonly bits: number;
  /** A tag pattern; null: every tag. */
  readonly tags: string | null;
  /** Milliseconds since 1970; null: it does not end. */
  readonly expiresAt: number | null;
  readonly origin: 'grant' | 'owner' | 'administrator';
  /** Where the origin is one. */
  readonly grant?: Grant;
}

const bits = Object.fromEntries(actions.map((action, index) => [action, 1 << index])) as Record<
  Action,
  number
>;
const everyBit = (1 << actions.length) - 1;

export function bitOf(action: Action): number {
  return bits[action];
}

export function grantRule(grant: Grant): Rule {
  const { effect, repository: pattern, tags, expiresAt } = grant;
  const bits = grant.actions.reduce((sum, action) => sum | bitOf(action), 0);
  return { effect, pattern, bits, tags, expiresAt, origin: 'grant', grant };
}

/** What needs no grant: a user's own namespace, and everything for an administrator. */
export function ownerRule(pattern: RepositoryPattern, origin: 'owner' | 'administrator'): Rule {
  return { effect: 'allow', pattern, bits: everyBit, tags: null, expiresAt: null, origin };
}
