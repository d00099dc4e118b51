import { formatRepositoryPattern, type Action } from '@berth/protocol';
import { evaluate, everyTag, isTagAction, type Decision, type Question } from './evaluate.ts';
import { nameOf, type Principal } from './principal.ts';
import type { Rule } from './rule.ts';

/** The decision as one sentence that the principal may read: it names nobody else and nothing that is hidden from him. */
export function sentence(principal: Principal, question: Question, decision: Decision): string {
  const why = because(principal, question, decision);
  if (decision.allowed) return `${nameOf(principal)} may ${doing(question)}: ${why}`;
  const rest = question.tag === everyTag ? undefined : part(question);
  return rest !== undefined && evaluate(principal, { ...question, action: 'push', tag: undefined }).allowed
    ? `${nameOf(principal)} may push to ${question.repository.name} but not ${rest}: ${why}`
    : `${nameOf(principal)} may not ${doing(question)}: ${why}`;
}

/** The same about a registry that is not Berth, where a push comes to more: `decisive` is what the decision is about. */
export function sentenceElsewhere(
  principal: Principal,
  question: Question,
  decisive: Action,
  decision: Decision,
): string {
  const why = because(principal, { ...question, action: decisive }, decision);
  const may = decision.allowed ? 'may' : 'may not';
  const needs =
    decisive === question.action ? '' : `a registry other than Berth needs ${decisive} for it, and `;
  return `${nameOf(principal)} ${may} ${doing(question)}: ${needs}${why}`;
}

/** What is missing where the rest of a push is allowed. */
function part({ action, tag }: Question): string | undefined {
  if (action === 'create') return 'create it';
  if (action === 'overwrite') return typeof tag === 'string' ? `move the tag ${tag}` : 'move its tags';
  return action === 'push' && typeof tag === 'string' ? `the tag ${tag}` : undefined;
}

function doing({ repository: { name }, action, tag }: Question): string {
  switch (action) {
    case 'pull':
      return `pull ${name}`;
    case 'push':
      return typeof tag === 'string' ? `push the tag ${tag} to ${name}` : `push to ${name}`;
    case 'delete':
      if (tag === null) return `delete from ${name} what no tag names`;
      return typeof tag === 'string' ? `delete the tag ${tag} of ${name}` : `delete from ${name}`;
    case 'create':
      return `create ${name}`;
    case 'overwrite':
      return `move ${typeof tag === 'string' ? `the tag ${tag}` : 'tags'} of ${name}`;
    case 'admin':
      return `manage the grants of ${name}`;
  }
}

function because(principal: Principal, question: Question, { reason, rule }: Decision): string {
  const { repository, action, tag } = question;
  switch (reason) {
    case 'rule':
      if (rule?.origin === 'administrator') return `${nameOf(principal)} is an administrator`;
      if (rule?.origin === 'owner')
        return `${nameOf(principal)} owns ${formatRepositoryPattern(rule.pattern)}`;
      return `grant ${rule?.grant?.id} gives ${action}${onlyFor(rule, question)}`;
    case 'visibility':
      return `${repository.name} is ${repository.visibility}`;
    case 'denied':
      return `grant ${rule?.grant?.id} denies ${action}`;
    case 'credential':
      return `the access token that was used is limited, and its limits do not give ${action} on ${repository.name}`;
    case 'no-rule':
      return `no grant gives ${action} on ${repository.name}${forTag(tag)}`;
  }
}

/** What the answer leaves open where no tag was asked about. */
function onlyFor(rule: Rule | undefined, { tag, action }: Question): string {
  const isLimited = tag === undefined && isTagAction(action) && (rule?.tags ?? null) !== null;
  return isLimited ? ` for the tags ${rule?.tags}` : '';
}

function forTag(tag: Question['tag']): string {
  if (tag === undefined) return '';
  if (tag === everyTag) return ' for every tag';
  return tag === null ? ' for more than some tags' : ` for the tag ${tag}`;
}

/** `grant 7f3kq2ab writer team/**`. */
export function wordsOf({ origin, pattern, grant }: Rule): string {
  const where = formatRepositoryPattern(pattern);
  if (grant === undefined) return `${origin === 'owner' ? 'ownership' : 'administration'} of ${where}`;
  const what = grant.role ?? grant.actions.join(',');
  const deny = grant.effect === 'deny' ? 'deny ' : '';
  return `grant ${grant.id} ${deny}${what} ${where}${grant.tags === null ? '' : ` for the tags ${grant.tags}`}`;
}
