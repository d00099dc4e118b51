import {
  actions,
  isRepositoryName,
  matchesRepository,
  matchesTag,
  parseRepositoryName,
  parseRepositoryPattern,
  parseTag,
  tokenActions,
  type Account,
  type Action,
  type ReadableNames,
  type RepositoryFacts,
  type RepositoryPattern,
  type TokenAction,
} from '@berth/protocol';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CredentialScope } from '../credentials/scopes.ts';
import { evaluateElsewhere, factsElsewhere } from './elsewhere.ts';
import { evaluate, everyTag, type Question } from './evaluate.ts';
import { explain } from './explain.ts';
import type { Grant } from './grant.ts';
import { compilePrincipal, type Principal } from './principal.ts';
import { readableNames } from './readable.ts';

const now = 1_000_000;
const alice: Account = { id: '1', name: 'alice', kind: 'user' };
const robot: Account = { id: '2', name: 'ci', kind: 'robot' };

const segment = fc.constantFrom('alice', 'team', 'a', 'b');
const name = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((parts) => parseRepositoryName(parts.join('/')));
const patternText = fc.oneof(
  fc.constant('**'),
  name,
  name.map((parent) => `${parent}/*`),
  name.map((parent) => `${parent}/**`),
);
const pattern = patternText.map((text) => parseRepositoryPattern(text)!);
const action = fc.constantFrom(...actions);
const someTokenActions = fc.uniqueArray(fc.constantFrom(...tokenActions), { minLength: 1 });
const someActions = fc.uniqueArray(action, { minLength: 1 });
const tag = fc.constantFrom('v1', 'v2', 'latest').map(parseTag);
const expiresAt = fc.constantFrom(null, now - 1, now, now + 1, now + 500);

const grant: fc.Arbitrary<Grant> = fc.record({
  id: fc.stringMatching(/^[a-z2-7]{8}$/),
  effect: fc.constantFrom('allow', 'allow', 'deny'),
  subject: fc.constantFrom(
    { kind: 'user' as const, name: 'alice' },
    { kind: 'team' as const, name: 'core' },
    { kind: 'authenticated' as const, name: null },
    { kind: 'anonymous' as const, name: null },
  ),
  repository: pattern,
  actions: someActions,
  role: fc.constant(null),
  tags: fc.constantFrom(null, null, 'v*'),
  expiresAt,
});

const limits = fc.option(
  fc.array(fc.record({ repository: pattern, actions: someActions }), { maxLength: 3 }),
);

const facts: fc.Arbitrary<RepositoryFacts> = fc.record({
  name,
  visibility: fc.constantFrom('private', 'internal', 'public'),
  exists: fc.boolean(),
});

const question: fc.Arbitrary<Question> = fc.record({
  repository: facts,
  action,
  tag: fc.oneof(fc.constant(undefined), fc.constant(null), fc.constant(everyTag), tag),
  now: fc.constant(now),
});

interface Somebody {
  readonly account: Account | null;
  readonly admin: boolean;
  readonly grants: readonly Grant[];
  readonly limits: readonly CredentialScope[] | null;
}

const somebody: fc.Arbitrary<Somebody> = fc
  .record({
    account: fc.constantFrom(alice, robot, null),
    admin: fc.constantFrom(false, false, true),
    grants: fc.array(grant, { maxLength: 12 }),
    limits,
  })
  .filter((person) => !person.admin || person.account === alice);

function principalOf({ account, admin, grants, limits }: Somebody): Principal {
  return { ...compilePrincipal({ account, admin, teams: ['core'], grants }), limits };
}

/** The rules of `docs/access.md`, read one by one over the list of grants. */
function oracle(
  { account, admin, grants, limits }: Somebody,
  { repository, action, tag }: Question,
): boolean {
  const isTagAction = ['push', 'overwrite', 'delete'].includes(action);
  const live = grants.filter(
    (grant) =>
      matchesRepository(grant.repository, repository.name) &&
      grant.actions.includes(action) &&
      (grant.expiresAt === null || grant.expiresAt > now),
  );
  const denies = live.filter(({ effect, subject, tags }) => {
    if (effect !== 'deny') return false;
    if ((subject.kind === 'anonymous') !== (account === null)) return false;
    if (tag === everyTag && action !== 'pull' && action !== 'admin') return true;
    return tags === null || (isTagAction && typeof tag === 'string' && matchesTag(tags, tag));
  });
  const allows = live.filter(({ effect, subject, tags }) => {
    if (effect !== 'allow' || (account === null && subject.kind !== 'anonymous')) return false;
    if (tags === null) return true;
    if (action === 'admin') return false;
    if (tag === everyTag) return action === 'pull';
    return !isTagAction || tag === undefined || (tag !== null && matchesTag(tags, tag));
  });
  const owns = admin || (account?.kind === 'user' && repository.name.startsWith(`${account.name}/`));
  const seen =
    action === 'pull' &&
    (repository.visibility === 'public' || (repository.visibility === 'internal' && account !== null));
  const denied = denies.length > 0 && !(admin && action === 'admin');
  const within =
    limits === null ||
    limits.some(
      (limit) => limit.actions.includes(action) && matchesRepository(limit.repository, repository.name),
    );
  return !denied && (owns || seen || allows.length > 0) && within;
}

describe('evaluate', () => {
  test('says what the list of grants says', () => {
    fc.assert(
      fc.property(somebody, question, (person, question) => {
        expect(evaluate(principalOf(person), question).allowed).toBe(oracle(person, question));
      }),
      { numRuns: 3000 },
    );
  });

  test('does not depend on the order of the grants', () => {
    fc.assert(
      fc.property(somebody, question, (person, question) => {
        const { allowed, until } = evaluate(principalOf(person), question);
        const reversed = { ...person, grants: person.grants.toReversed() };
        expect(evaluate(principalOf(reversed), question)).toMatchObject({ allowed, ...(until && { until }) });
      }),
    );
  });

  test('explain always agrees', () => {
    fc.assert(
      fc.property(somebody, facts, someActions, fc.option(tag), (person, repository, asked, some) => {
        const principal = principalOf(person);
        const tag = some ?? undefined;
        const others = person.grants;
        const surroundings = { principal, repository, tag, now, others, tellsOtherPatterns: true };
        const { actions, nearMisses, registryAnswer } = explain(surroundings, asked);
        const may = (action: Action) => evaluate(principal, { repository, action, tag, now }).allowed;
        for (const action of asked) expect(actions[action]?.allowed).toBe(may(action));
        for (const { action } of nearMisses) expect(may(action)).toBe(false);
        if (registryAnswer.status === 200) expect(asked.every(may)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('explain agrees about a registry that is not Berth', () => {
    fc.assert(
      fc.property(somebody, name, someTokenActions, (person, name, asked) => {
        const principal = principalOf(person);
        const repository = factsElsewhere(name);
        const surroundings = {
          principal,
          repository,
          elsewhere: true,
          now,
          others: [],
          tellsOtherPatterns: true,
        };
        const { actions, registryAnswer } = explain(surroundings, asked);
        const may = (action: TokenAction) => evaluateElsewhere(principal, { name, action, now }).allowed;
        for (const action of asked) expect(actions[action]?.allowed).toBe(may(action));
        expect(registryAnswer.status === 200).toBe(asked.every(may));
      }),
      { numRuns: 1000 },
    );
  });

  test('a registry that is not Berth is never given more than Berth itself would do', () => {
    fc.assert(
      fc.property(somebody, name, tag, (person, name, tag) => {
        const principal = principalOf(person);
        const own = (action: Action, on: Question['tag']) =>
          evaluate(principal, { repository: factsElsewhere(name), action, tag: on, now }).allowed;
        const there = (action: TokenAction) => evaluateElsewhere(principal, { name, action, now }).allowed;
        if (there('pull')) expect(own('pull', undefined)).toBe(true);
        if (there('push'))
          expect([own('create', undefined), own('push', tag), own('overwrite', tag)]).not.toContain(false);
        if (there('delete')) expect([own('delete', tag), own('delete', null)]).not.toContain(false);
      }),
      { numRuns: 3000 },
    );
  });

  test('holds until the time that it says, and not longer', () => {
    fc.assert(
      fc.property(somebody, question, (person, question) => {
        const principal = principalOf(person);
        const { allowed, until } = evaluate(principal, question);
        if (!allowed) return;
        const last = until ?? now + 1_000_000;
        expect(evaluate(principal, { ...question, now: last - 1 }).allowed).toBe(true);
        if (until === undefined) return;
        const withoutDenies = principalOf({
          ...person,
          grants: person.grants.filter(({ effect }) => effect === 'allow'),
        });
        expect(evaluate(withoutDenies, { ...question, now: until }).allowed).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('the readable names are those that may be pulled', () => {
    const matches = (names: ReadableNames, { name, visibility }: RepositoryFacts) => {
      const one = (patterns: readonly RepositoryPattern[]) =>
        patterns.some((pattern) => matchesRepository(pattern, name));
      const { allow, deny, visibilities, within } = names;
      return (
        !one(deny) &&
        (visibilities.includes(visibility) || one(allow)) &&
        (within === undefined || one(within))
      );
    };
    fc.assert(
      fc.property(somebody, facts, (person, repository) => {
        const principal = principalOf(person);
        const may = evaluate(principal, { repository, action: 'pull', now }).allowed;
        expect(matches(readableNames(principal, now), repository)).toBe(may);
      }),
      { numRuns: 2000 },
    );
  });
});

test('every name that the property tests use is one', () => {
  fc.assert(fc.property(name, (name) => isRepositoryName(name)));
});
