import { LRUCache } from 'lru-cache';
import type { TokenDatabase } from '../database.ts';
import { grantsOf } from '../grants/grants.ts';
import type { ReadVersions, Versions } from '../versions.ts';
import { credentialOf, loadAccount, narrowed, type AccountFacts } from './account-facts.ts';
import { createChanges, type Changes } from './changes.ts';
import { grantOf } from './grant.ts';
import {
  compilePrincipal,
  compileRules,
  ownRules,
  principalWith,
  type Principal,
  type Principals,
} from './principal.ts';
import { grantRule, type Rule } from './rule.ts';
import { createSharedRules, type LoadShared } from './shared-rules.ts';
import type { PatternTrie } from './trie.ts';

/** What is remembered of one account. */
interface Compiled {
  /** The policy at which all of it was found to be right. */
  readonly version: number;
  readonly own: Own;
  readonly principal: Principal;
}

/** What belongs to nobody else, read when `version` was known. */
interface Own {
  readonly version: number;
  readonly facts: AccountFacts;
  readonly rules: PatternTrie<Rule>;
}

/** Rules that are remembered, of accounts by themselves: a rule takes about 0.8 kB. An account counts as ten at least. */
const mostRules = 100_000;
const leastRules = 10;

const anonymousFacts: AccountFacts = {
  account: null,
  admin: false,
  epoch: 0,
  teams: [],
  credentials: new Map(),
};

/**
 * Compiles principals once, and after a change of the policy only those whom it touched. What changed is learned before
 * the rows are read, so that what is remembered is never older than its version says.
 */
export function createPrincipals(database: TokenDatabase, versions: ReadVersions): Principals {
  const remembered = new LRUCache<string, Compiled>({
    maxSize: mostRules,
    sizeCalculation: ({ own }) => Math.min(Math.max(own.rules.values.length, leastRules), mostRules),
  });
  const changes = createChanges(database.reader);
  const shared = createSharedRules(database, changes);
  const local = compilePrincipal({ account: null, admin: true, teams: [], grants: [] });

  const compiled = async (uid: string | undefined, at?: Versions): Promise<Compiled | undefined> => {
    const { policy } = at ?? (await versions());
    const version = await changes.catchUp(policy);
    const known = remembered.get(uid ?? '');
    if (known?.version === version) return known;
    const own = await ownOf(database, uid, known?.own, { version, changes });
    if (own === undefined) return undefined;
    const entry = { version, own, principal: await assemble(own, shared(version)) };
    remembered.set(uid ?? '', entry);
    return entry;
  };

  return {
    async load({ uid, epoch, cid }, at) {
      const entry = await compiled(uid, at);
      const facts = entry?.own.facts;
      if (facts === undefined || (epoch !== undefined && epoch !== facts.epoch)) return undefined;
      if (cid === undefined) return entry?.principal;
      const credential = await credentialOf(database.reader, facts, cid);
      return credential && entry && narrowed(entry.principal, credential);
    },
    async anonymous() {
      const entry = await compiled(undefined);
      if (entry === undefined) throw new TypeError('anonymous is always there');
      return entry.principal;
    },
    local: () => local,
  };
}

/** `undefined` where there is no such account. */
async function ownOf(
  { reader }: TokenDatabase,
  uid: string | undefined,
  known: Own | undefined,
  { version, changes }: { readonly version: number; readonly changes: Changes },
): Promise<Own | undefined> {
  if (uid === undefined) return { version, facts: anonymousFacts, rules: compileRules([]) };
  if (known !== undefined && !changes.touched(uid, known.version)) return known;
  const facts = await loadAccount(reader, uid);
  if (facts?.account == null) return undefined;
  const { account, admin } = facts;
  const grants = await grantsOf(reader, { kind: account.kind, id: account.id });
  const given = grants.map((row) => grantRule(grantOf(row)));
  return { version, facts, rules: compileRules([...ownRules(account, admin), ...given]) };
}

async function assemble({ facts, rules }: Own, load: LoadShared): Promise<Principal> {
  const { account, admin, teams } = facts;
  const somebody = { account, admin, teams: teams.map(({ name }) => name) };
  const anonymous = await load({ kind: 'anonymous', id: null });
  if (account === null) return principalWith(somebody, [anonymous.all]);
  const ofTeams = await Promise.all(teams.map(({ id }) => load({ kind: 'team', id })));
  const authenticated = await load({ kind: 'authenticated', id: null });
  return principalWith(somebody, [
    rules,
    ...ofTeams.map(({ all }) => all),
    authenticated.all,
    anonymous.allows,
  ]);
}
