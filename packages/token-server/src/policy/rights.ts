import { actions, type Action, type RepositoryFacts } from '@berth/protocol';
import { evaluate, type Decision } from './evaluate.ts';
import { formatSubject } from './grant.ts';
import type { Principal } from './principal.ts';
import type { Rule } from './rule.ts';
import { wordsOf } from './words.ts';

/** Actions that somebody may do for the same reason. */
export interface Right {
  readonly actions: readonly Action[];
  /** `team:core → grant 7f3kq2ab writer team/**`. */
  readonly through: string;
}

/** All that the principal may do to the repository, as {@link evaluate} decides it: each action once. */
export function rightsOf(principal: Principal, repository: RepositoryFacts, now: number): Right[] {
  const ways = new Map<string, Action[]>();
  for (const action of actions) {
    const decision = evaluate(principal, { repository, action, now });
    if (!decision.allowed) continue;
    const way = wayOf(repository, decision).join(' → ');
    ways.set(way, [...(ways.get(way) ?? []), action]);
  }
  return [...ways].map(([through, actions]) => ({ actions, through }));
}

/** How a deny reaches somebody; `undefined` where none does. */
export function wayOfDeny(
  principal: Principal,
  repository: RepositoryFacts,
  now: number,
): string | undefined {
  for (const action of actions) {
    const decision = evaluate(principal, { repository, action, now });
    if (decision.reason === 'denied') return wayOf(repository, decision).join(' → ');
  }
  return undefined;
}

/** The steps from somebody to what decided. */
export function wayOf(repository: RepositoryFacts, { reason, rule }: Decision): string[] {
  const steps = rule === undefined ? [] : stepsTo(rule);
  if (rule === undefined && (reason === 'visibility' || reason === 'credential')) {
    steps.push(`visibility ${repository.visibility}`);
  }
  if (reason === 'credential') steps.push('limits of the access token');
  return steps;
}

/** A grant to the account itself needs no step to it. */
function stepsTo(rule: Rule): string[] {
  const subject = rule.grant?.subject;
  const direct = subject === undefined || subject.kind === 'user' || subject.kind === 'robot';
  return direct ? [wordsOf(rule)] : [formatSubject(subject), wordsOf(rule)];
}
