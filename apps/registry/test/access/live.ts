import { Agent } from 'node:http';
import { startRegistry } from '../support/registry.ts';
import { build, type Built, type Proof } from './build.ts';
import { ask, askToken, type Given, type Server } from './client.ts';
import { operations, type Operation, type Question } from './operations.ts';
import { chosen, State } from './state.ts';
import { names, type Case, type World } from './world.ts';

/** How often each operation had each answer. */
export type Tally = Map<string, number>;

/** A token with what the rules say that it has to give: of the moment at which it was asked for. */
interface Token extends Given {
  readonly expected: readonly string[];
}

/** Lived through, it throws an `Error` at the first case whose answer the rules do not give. */
export async function live(world: World, tally: Tally): Promise<void> {
  const registry = await startRegistry();
  const agent = new Agent({ keepAlive: true });
  try {
    const server = { port: registry.port, agent };
    await new Life(server, world, await build(registry, world), tally).live();
  } finally {
    agent.destroy();
    await registry.remove();
  }
}

/** More failed logins than that, and the address would be throttled. */
const mostRefused = 8;

class Life {
  readonly #server: Server;
  readonly #world: World;
  readonly #built: Built;
  readonly #tally: Tally;
  readonly #state: State;
  #refused = 0;

  constructor(server: Server, world: World, built: Built, tally: Tally) {
    this.#server = server;
    this.#world = world;
    this.#built = built;
    this.#tally = tally;
    this.#state = new State(world);
  }

  async live(): Promise<void> {
    const { before, after, changes } = this.#world;
    for (const asked of before) await this.#ask(asked);
    const tokens = new Map<Case, Token>();
    for (const asked of after) if (asked.stale) tokens.set(asked, await this.#token(asked));
    for (const change of changes) {
      await this.#built.apply(change);
      this.#state.apply(this.#world, change);
    }
    for (const asked of after) await this.#ask(asked, tokens.get(asked));
  }

  async #ask(asked: Case, stale?: Token): Promise<void> {
    const question = this.#question(asked);
    const [name, operation] = operationOf(asked);
    if (this.#isRefused(question) && (this.#refused += 1) > mostRefused) return;
    const token = stale ?? (await this.#token(asked));
    const request = operation.request(question);
    const expected = this.#expected(question, operation, token);
    const answer = await ask(this.#server, request, this.#authorization(question, token));
    const key = `${name} ${answer
      .split(' ')
      .slice(0, answer.startsWith('200') ? 1 : 2)
      .join(' ')}`;
    this.#tally.set(key, (this.#tally.get(key) ?? 0) + 1);
    if (answer === expected) return;
    throw this.#difference(question, { name, stale: stale !== undefined, request, expected, answer });
  }

  #question(asked: Case): Question {
    const { repositories, credentials } = this.#world;
    const known = repositories.map(({ name }) => name);
    const credential = chosen(credentials, asked.credential);
    const name = chosen([...known, ...known, ...names, 'team/new'], asked.repository);
    const source = chosen(
      [...known, 'team/new'].filter((other) => other !== name),
      asked.source,
    );
    return { state: this.#state, credential, asked, name, source };
  }

  #isRefused({ state, credential }: Question): boolean {
    return !state.isGood(credential);
  }

  /** Also compares what the token gives. */
  async #token(asked: Case): Promise<Token> {
    const question = this.#question(asked);
    const { credential, state } = question;
    if (credential.way === 'basic') return { access: [], expected: [] };
    const wanted = wantedScopes(question);
    const given = await askToken(this.#server, this.#proof(question), wanted.map(formatScope));
    const expected = !state.isGood(credential) ? [] : wanted.flatMap((scope) => granted(question, scope));
    if ((given.token === undefined) === state.isGood(credential) || `${given.access}` !== `${expected}`) {
      throw this.#difference(question, { wanted, expected, access: given.access });
    }
    return { ...given, expected };
  }

  #authorization(question: Question, { token }: Token): string | undefined {
    if (question.credential.way === 'basic') return this.#proof(question).authorization;
    return token === undefined ? undefined : `Bearer ${token}`;
  }

  #proof({ credential }: Question): Proof {
    const proof = this.#built.proofs.get(credential);
    if (proof === undefined) throw new Error('a credential without a proof');
    return proof;
  }

  #expected(question: Question, operation: Operation, token: Token): string {
    const { state, credential, name } = question;
    const { needs } = operation;
    const unasked = credential.way === 'basic';
    const shown = this.#authorization(question, token) !== undefined;
    if (!shown || (unasked && !state.isGood(credential))) return '401 no-error';
    if (!state.isGood(credential)) return '401 invalid_token';
    if (needs === 'list') return operation.answer(question);
    const has = unasked || token.expected.includes(`${name}:${needs}`);
    if (!has || !state.may(credential, needs, name)) return '401 insufficient_scope';
    return operation.answer(question);
  }

  #difference({ state, credential, name, source, asked }: Question, what: object): Error {
    const { visibility, immutableTags } = state.stored(name);
    const where = { name, visibility, immutableTags, source, exists: state.exists(name) };
    return new Error(JSON.stringify({ ...what, where, credential, asked, who: state.describe(credential) }));
  }
}

/** Those with the most rules come more often. */
const often = Object.entries(operations).filter(([name]) => /^(PUT manifest by|DELETE)/.test(name));

function operationOf({ operation }: Case): [string, Operation] {
  return chosen([...Object.entries(operations), ...often, ...often], operation);
}

interface Scope {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  readonly actions: readonly string[];
}

/** What clients ask for: `crane`, `oras` and `skopeo` differ where they delete. */
const deletions = [['push', 'pull', 'delete'], ['pull', 'delete'], ['*']] as const;

function wantedScopes({ asked, name, source }: Question): Scope[] {
  const [operation, { needs }] = operationOf(asked);
  if (needs === 'list') return [{ type: 'registry', name: 'catalog', actions: ['*'] }];
  if (needs === 'delete') return [repository(name, chosen(deletions, asked.scope))];
  if (needs === 'pull') return [repository(name, ['pull'])];
  const target = repository(name, ['pull', 'push']);
  return operation === 'POST mount' ? [target, repository(source, ['pull'])] : [target];
}

function repository(name: string, actions: readonly string[]): Scope {
  return { type: 'repository', name, actions };
}

function formatScope({ type, name, actions }: Scope): string {
  return `${type}:${name}:${actions.join()}`;
}

function granted({ state, credential }: Question, { type, name, actions }: Scope): string[] {
  if (type === 'registry') return [`${name}:*`];
  const asked = actions.includes('*') ? ['pull', 'push', 'delete'] : actions;
  return asked.filter((action) => state.may(credential, action, name)).map((action) => `${name}:${action}`);
}
