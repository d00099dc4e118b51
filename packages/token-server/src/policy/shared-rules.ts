import { LRUCache } from 'lru-cache';
import type { TokenDatabase } from '../database.ts';
import { grantsOf, type SubjectKey } from '../grants/grants.ts';
import type { Changes } from './changes.ts';
import { grantOf } from './grant.ts';
import { compileRules } from './principal.ts';
import { grantRule, type Rule } from './rule.ts';
import type { PatternTrie } from './trie.ts';

/** The rules of a subject that reaches many accounts. */
export interface SharedRules {
  readonly all: PatternTrie<Rule>;
  /** Without the denies: what `anonymous` is allowed holds for all, what it is denied for those without an account. */
  readonly allows: PatternTrie<Rule>;
}

export type LoadShared = (subject: SubjectKey) => Promise<SharedRules>;

interface Entry {
  readonly version: number;
  readonly rules: Promise<SharedRules>;
  /** In rules; 1 until it is known. */
  readonly size: number;
}

/** Of all subjects together; a rule takes about 0.8 kB. */
const mostRules = 100_000;

/** Compiles the grants to a team, to `authenticated` and to `anonymous` once, until one of them changes. */
export function createSharedRules(
  database: TokenDatabase,
  changes: Changes,
): (version: number) => LoadShared {
  const remembered = new LRUCache<string, Entry>({ maxSize: mostRules, sizeCalculation: ({ size }) => size });
  /** What could not be read is read again; what was read has its size now. */
  const settle = async (key: string, entry: Entry) => {
    const size = await entry.rules.then(
      ({ all }) => Math.min(1 + all.values.length, mostRules),
      () => undefined,
    );
    if (remembered.peek(key) !== entry) return;
    if (size === undefined) remembered.delete(key);
    else remembered.set(key, { ...entry, size });
  };
  return (version) => (subject) => {
    const key = touchedAs(subject);
    const known = remembered.get(key);
    if (known !== undefined && !changes.touched(key, known.version)) return known.rules;
    const entry: Entry = { version, rules: loadRules(database, subject), size: 1 };
    remembered.set(key, entry);
    void settle(key, entry);
    return entry.rules;
  };
}

/** What a change of its grants calls the subject. */
export function touchedAs({ kind, id }: SubjectKey): string {
  return id ?? kind;
}

async function loadRules({ reader }: TokenDatabase, subject: SubjectKey): Promise<SharedRules> {
  const rules = (await grantsOf(reader, subject)).map((row) => grantRule(grantOf(row)));
  const all = compileRules(rules);
  const denies = rules.some(({ effect }) => effect === 'deny');
  return { all, allows: denies ? compileRules(rules.filter(({ effect }) => effect === 'allow')) : all };
}
