import type { Action, ErrorCode, RepositoryFacts } from '@berth/protocol';
import { evaluate } from './evaluate.ts';
import { nearMisses, suggestedGrant, type NearMiss, type Surroundings } from './near-misses.ts';
import { nameOf, type Principal } from './principal.ts';
import { wayOf } from './rights.ts';
import { sentence } from './words.ts';

export interface Explanation {
  readonly actions: Readonly<Partial<Record<Action, ExplainedAction>>>;
  readonly nearMisses: readonly NearMiss[];
  /** A command that makes the smallest grant that is enough, where one would help. */
  readonly suggestion?: string;
  readonly registryAnswer: RegistryAnswer;
}

export interface ExplainedAction {
  readonly allowed: boolean;
  readonly reason: string;
  readonly grant?: string;
  /** How it reaches the person: `alice → team:core → grant 7f3kq2ab writer team/**`. */
  readonly path: string;
}

/** What the registry would answer to a request that needs all of the actions. */
export interface RegistryAnswer {
  readonly status: number;
  readonly code?: ErrorCode;
  readonly message: string;
}

/** The decision of {@link evaluate}, with its way and with what was missing. */
export function explain(surroundings: Surroundings, actions: readonly Action[]): Explanation {
  const { principal, repository, now } = surroundings;
  const needed = neededActions(repository, actions);
  const suggestion = suggestedGrant(surroundings, needed);
  return {
    actions: Object.fromEntries(
      actions.map((action) => [action, explainAction(principal, repository, action, now)]),
    ),
    nearMisses: needed.flatMap((action) => nearMisses(surroundings, action)),
    ...(suggestion === undefined ? {} : { suggestion }),
    registryAnswer: registryAnswer(surroundings, needed),
  };
}

/** Of an account that is disabled: whatever its grants say. */
export function explainDisabled(name: string, actions: readonly Action[]): Explanation {
  const action = { allowed: false, reason: `${name} is disabled or has ended`, path: `${name} → disabled` };
  return {
    actions: Object.fromEntries(actions.map((name) => [name, action])),
    nearMisses: [],
    registryAnswer: { status: 401, code: 'UNAUTHORIZED', message: `${name} cannot log in` },
  };
}

/** To push what does not exist is to create it. */
function neededActions({ exists }: RepositoryFacts, actions: readonly Action[]): Action[] {
  return [...new Set([...actions, ...(actions.includes('push') && !exists ? (['create'] as const) : [])])];
}

function explainAction(
  principal: Principal,
  repository: RepositoryFacts,
  action: Action,
  now: number,
): ExplainedAction {
  const question = { repository, action, now };
  const decision = evaluate(principal, question);
  const grant = decision.reason === 'credential' ? undefined : decision.rule?.grant?.id;
  return {
    allowed: decision.allowed,
    reason: sentence(principal, question, decision),
    ...(grant === undefined ? {} : { grant }),
    path: [nameOf(principal), ...wayOf(repository, decision)].join(' → '),
  };
}

/** The table of answers: section 4 of the design. What is hidden and what is missing look the same from outside. */
function registryAnswer(
  { principal, repository, now }: Surroundings,
  needed: readonly Action[],
): RegistryAnswer {
  const refused = (action: Action) =>
    needed.includes(action) && !evaluate(principal, { repository, action, now }).allowed;
  if (refused('pull') || refused('push') || refused('delete')) {
    return {
      status: 401,
      code: 'UNAUTHORIZED',
      message: 'the token gives less than is needed (insufficient_scope)',
    };
  }
  const live = (['create', 'overwrite'] as const).find(refused);
  if (live !== undefined) {
    const { reason } = explainAction(principal, repository, live, now);
    return { status: 403, code: 'DENIED', message: reason };
  }
  if (refused('admin'))
    return { status: 404, code: 'NOT_FOUND', message: 'hidden from who does not manage it' };
  if (!repository.exists && !needed.includes('create')) {
    return { status: 404, code: 'NAME_UNKNOWN', message: 'it may, but there is no such repository' };
  }
  return { status: 200, message: 'it does what is asked' };
}
