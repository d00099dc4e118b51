import type { Action, RepositoryFacts, RepositoryName, TokenAction } from '@berth/protocol';
import { earliest, evaluate, everyTag, type Decision, type Question } from './evaluate.ts';
import type { Principal } from './principal.ts';

/**
 * What is known of a repository of a registry that is not Berth: nothing. One of Berth's own that has the same name is
 * another one, and its visibility opens nothing there.
 */
export function factsElsewhere(name: RepositoryName): RepositoryFacts {
  return { name, visibility: 'private', exists: false };
}

/**
 * What an action of a token stands for at such a registry, which knows no finer ones: a push there may make the repository
 * and move any tag.
 */
const comesTo: Readonly<Record<TokenAction, readonly Action[]>> = {
  pull: ['pull'],
  push: ['push', 'create', 'overwrite'],
  delete: ['delete'],
};

export function actionsElsewhere(action: Action): readonly Action[] {
  return Object.hasOwn(comesTo, action) ? comesTo[action as TokenAction] : [action];
}

/** As {@link evaluate} is asked there: a tag pattern holds nobody back, so a right has to be for every tag. */
function questionElsewhere(name: RepositoryName, action: Action, now: number): Question {
  return { repository: factsElsewhere(name), action, tag: everyTag, now };
}

/** Whether a token for a registry that is not Berth may hold the action: with all that it comes to, or not at all. */
export function evaluateElsewhere(
  principal: Principal,
  {
    name,
    action,
    now,
  }: { readonly name: RepositoryName; readonly action: TokenAction; readonly now: number },
): Decision {
  const decisions = comesTo[action].map((each) => evaluate(principal, questionElsewhere(name, each, now)));
  const refused = decisions.find(({ allowed }) => !allowed);
  const until = decisions.reduce(
    (end: number | undefined, decision) => earliest(end, decision.until),
    undefined,
  );
  return refused ?? { ...decisions[0]!, until };
}
