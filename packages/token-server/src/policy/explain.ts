import { tokenActions, type Action, type ErrorCode } from '@berth/protocol';
import { actionsElsewhere } from './elsewhere.ts';
import { evaluate } from './evaluate.ts';
import { nearMisses, questionOf, suggestedGrant, type NearMiss, type Surroundings } from './near-misses.ts';
import { nameOf } from './principal.ts';
import { wayOf } from './rights.ts';
import { sentence, sentenceElsewhere } from './words.ts';

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
  const needed = neededActions(surroundings, actions);
  const suggestion = suggestedGrant(surroundings, needed);
  return {
    actions: Object.fromEntries(actions.map((action) => [action, explainAction(surroundings, action)])),
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
function neededActions({ repository, elsewhere }: Surroundings, actions: readonly Action[]): Action[] {
  if (elsewhere === true) return [...new Set(actions.flatMap(actionsElsewhere))];
  const creates = actions.includes('push') && !repository.exists;
  return [...new Set([...actions, ...(creates ? (['create'] as const) : [])])];
}

function explainAction(surroundings: Surroundings, action: Action): ExplainedAction {
  const { principal, repository, elsewhere } = surroundings;
  const question = questionOf(surroundings, deciding(surroundings, action));
  const decision = evaluate(principal, question);
  const grant = decision.reason === 'credential' ? undefined : decision.rule?.grant?.id;
  const reason =
    elsewhere === true
      ? sentenceElsewhere(principal, { ...question, action }, question.action, decision)
      : sentence(principal, question, decision);
  return {
    allowed: decision.allowed,
    reason,
    ...(grant === undefined ? {} : { grant }),
    path: [nameOf(principal), ...wayOf(repository, decision)].join(' → '),
  };
}

/** The one of all that it comes to which is refused, or itself. */
function deciding(surroundings: Surroundings, action: Action): Action {
  const refused = ({ allowed }: { readonly allowed: boolean }) => !allowed;
  const parts = surroundings.elsewhere === true ? actionsElsewhere(action) : [];
  const found = parts.find((part) =>
    refused(evaluate(surroundings.principal, questionOf(surroundings, part))),
  );
  return found ?? action;
}

const tooLittle: RegistryAnswer = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'the token gives less than is needed (insufficient_scope)',
};

const hidden: RegistryAnswer = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'hidden from who does not manage it',
};

/** A token names no tag, and neither of these: they are decided when the request comes. */
const decidedLive = ['create', 'push', 'overwrite', 'delete'] as const;

/** What the registry would answer. What is hidden and what is missing look the same from outside (security 26). */
function registryAnswer(surroundings: Surroundings, needed: readonly Action[]): RegistryAnswer {
  if (surroundings.elsewhere === true) return answerElsewhere(surroundings, needed);
  const { principal, repository } = surroundings;
  const refusedIn = (place: Surroundings, action: Action) =>
    needed.includes(action) && !evaluate(principal, questionOf(place, action)).allowed;
  const token = { ...surroundings, tag: undefined };
  if (tokenActions.some((action) => refusedIn(token, action))) return tooLittle;
  const live = decidedLive.find((action) => refusedIn(surroundings, action));
  if (live !== undefined) {
    const { reason } = explainAction(surroundings, live);
    return { status: 403, code: 'DENIED', message: reason };
  }
  if (refusedIn(surroundings, 'admin')) return hidden;
  if (!repository.exists && !needed.includes('create')) {
    return {
      status: 404,
      code: 'NAME_UNKNOWN',
      message: `it may, but there is no repository ${repository.name}`,
    };
  }
  const mayBeKept = needed.some((action) => action === 'overwrite' || action === 'delete');
  return { status: 200, message: `it does what is asked${mayBeKept ? ', unless the tag is immutable' : ''}` };
}

/** Such a registry decides by the token alone. The grants are still Berth's. */
function answerElsewhere(surroundings: Surroundings, needed: readonly Action[]): RegistryAnswer {
  const refused = needed.filter(
    (action) => !evaluate(surroundings.principal, questionOf(surroundings, action)).allowed,
  );
  if (refused.some((action) => action !== 'admin')) return tooLittle;
  return refused.length > 0 ? hidden : { status: 200, message: 'the token gives what is asked' };
}
