import {
  formatRepositoryPattern,
  roles,
  type Action,
  type RepositoryFacts,
  type Role,
  type Tag,
} from '@berth/protocol';
import { namespaceOf } from '../subjects/namespace.ts';
import { evaluate, everyTag, isOpen, type Outcome, type Question } from './evaluate.ts';
import { formatSubject, type Grant } from './grant.ts';
import { nameOf, type Principal } from './principal.ts';
import { bitOf, type Rule } from './rule.ts';
import { wordsOf } from './words.ts';

/** What would have allowed an action but for one thing. */
export interface NearMiss {
  readonly action: Action;
  readonly kind: 'deny' | 'credential' | 'expired' | 'action' | 'tags' | 'pattern' | 'subject';
  /** Id of the grant, where it is one. */
  readonly grant?: string | undefined;
  /** What stood in the way, and what would change it. */
  readonly sentence: string;
}

export interface Surroundings {
  readonly principal: Principal;
  readonly repository: RepositoryFacts;
  /** It is one of a registry that is not Berth. */
  readonly elsewhere?: boolean | undefined;
  /** The one that is put, moved or deleted; absent: whether there can be one that may be. Another registry knows no such thing. */
  readonly tag?: Tag | undefined;
  readonly now: number;
  /** Grants on the repository that may be told of, whoever they are for. */
  readonly others: readonly Grant[];
  /** Whether the principal's grants on other repositories may be told of. */
  readonly tellsOtherPatterns: boolean;
}

export function questionOf({ repository, now, elsewhere, tag }: Surroundings, action: Action): Question {
  return { repository, action, now, tag: elsewhere === true ? everyTag : tag };
}

/** More of one kind help nobody. */
const mostOfAKind = 5;

export function nearMisses(surroundings: Surroundings, action: Action): NearMiss[] {
  const { principal, now } = surroundings;
  const seen: { rule: Rule; outcome: Outcome }[] = [];
  const decision = evaluate(principal, questionOf(surroundings, action), (rule, outcome) =>
    seen.push({ rule, outcome }),
  );
  if (decision.allowed) return [];
  if (decision.reason === 'credential') return [credentialMiss(surroundings, action)];
  if (decision.reason === 'denied') return denyMisses(surroundings, action);
  return [
    ...seen.flatMap(({ rule, outcome }) => ruleMiss(rule, outcome, action, now)).slice(0, mostOfAKind),
    ...subjectMisses(surroundings, action).slice(0, mostOfAKind),
    ...patternMisses(surroundings, action).slice(0, mostOfAKind),
  ];
}

function credentialMiss({ repository }: Surroundings, action: Action): NearMiss {
  const sentence = `the account may, but the access token that was used is limited: one whose limits give ${action} on ${repository.name} would do`;
  return { action, kind: 'credential', sentence };
}

/** Only where the rest would do: without the denies, it would be allowed. */
function denyMisses(surroundings: Surroundings, action: Action): NearMiss[] {
  const { principal, repository } = surroundings;
  const counting: Rule[] = [];
  evaluate(principal, questionOf(surroundings, action), (rule, outcome) => {
    if (outcome === 'counts') counting.push(rule);
  });
  const allow = counting.find((rule) => rule.effect === 'allow');
  if (allow === undefined && !isOpen(principal, { repository, action })) return [];
  const instead = allow === undefined ? `visibility ${repository.visibility}` : wordsOf(allow);
  return counting
    .filter((rule) => rule.effect === 'deny')
    .map((rule) => {
      const sentence = `${instead} would allow ${action}, but any deny wins: ${wordsOf(rule)} would have to go or be narrowed`;
      return { action, kind: 'deny' as const, grant: rule.grant?.id, sentence };
    });
}

function ruleMiss(rule: Rule, outcome: Outcome, action: Action, now: number): NearMiss[] {
  if (rule.effect === 'deny') return [];
  const miss = (kind: NearMiss['kind'], sentence: string) => [
    { action, kind, grant: rule.grant?.id, sentence },
  ];
  if (outcome === 'expired') {
    const ended = new Date(rule.expiresAt ?? now).toISOString();
    return miss(
      'expired',
      `${wordsOf(rule)} gave ${action} until ${ended}: one that ends later would give it again`,
    );
  }
  if (outcome === 'other-tag') {
    return miss('tags', `${wordsOf(rule)} holds for no other: one for all tags would give ${action}`);
  }
  if (outcome !== 'other-action' || (rule.expiresAt !== null && rule.expiresAt <= now)) return [];
  const has = rule.grant?.actions.join(', ') ?? 'nothing';
  return miss('action', `${wordsOf(rule)} gives ${has}: one that also gives ${action} would do`);
}

function subjectMisses({ principal, others, now }: Surroundings, action: Action): NearMiss[] {
  return others
    .filter((grant) => grant.effect === 'allow' && grant.actions.includes(action) && grant.tags === null)
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    .flatMap((grant) => {
      const change = subjectChange(principal, grant);
      const sentence = `grant ${grant.id} gives ${action} to ${formatSubject(grant.subject)}: ${change}`;
      return change === undefined ? [] : [{ action, kind: 'subject' as const, grant: grant.id, sentence }];
    });
}

function subjectChange(principal: Principal, { subject: { kind, name } }: Grant): string | undefined {
  if (kind === 'authenticated' && principal.account === null) return 'logging in as any account would do';
  if (kind !== 'team' || principal.account?.kind !== 'user' || principal.teams.includes(name ?? ''))
    return undefined;
  return `${nameOf(principal)} is not a member of team ${name}, and as one would have it`;
}

/** Live allows of his whose pattern is of the same namespace and does not match. */
function patternMisses(
  { principal, repository, now, tellsOtherPatterns }: Surroundings,
  action: Action,
): NearMiss[] {
  if (!tellsOtherPatterns) return [];
  const matching = new Set(principal.rules.matching(repository.name));
  const namespace = namespaceOf(repository.name);
  return principal.rules.values
    .filter((rule) => rule.origin === 'grant' && rule.effect === 'allow' && (rule.bits & bitOf(action)) !== 0)
    .filter((rule) => !matching.has(rule) && (rule.expiresAt === null || rule.expiresAt > now))
    .filter((rule) => namespaceOf(formatRepositoryPattern(rule.pattern)) === namespace)
    .map((rule) => {
      const sentence = `${wordsOf(rule)} does not match ${repository.name}: one whose pattern does would give ${action}`;
      return { action, kind: 'pattern' as const, grant: rule.grant?.id, sentence };
    });
}

/** The command that makes the smallest grant that is enough; `undefined` where no grant would help. */
export function suggestedGrant(surroundings: Surroundings, actions: readonly Action[]): string | undefined {
  const { principal, repository } = surroundings;
  const decisions = actions.map((action) => ({
    action,
    decision: evaluate(principal, questionOf(surroundings, action)),
  }));
  const missing = decisions.filter(({ decision }) => !decision.allowed);
  if (missing.length === 0 || missing.some(({ decision }) => decision.reason !== 'no-rule')) return undefined;
  const role = smallestRole(missing.map(({ action }) => action));
  const { account } = principal;
  const subject = account === null ? 'anonymous' : `${account.kind}:${account.name}`;
  return `berth grant add ${subject} ${role} ${repository.name}`;
}

function smallestRole(needed: readonly Action[]): Role {
  const names = Object.keys(roles) as Role[];
  const fits = (role: Role) => needed.every((action) => (roles[role] as readonly Action[]).includes(action));
  return names.filter(fits).sort((one, other) => roles[one].length - roles[other].length)[0] ?? 'owner';
}
