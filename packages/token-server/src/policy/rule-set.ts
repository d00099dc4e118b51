import type { RepositoryName } from '@berth/protocol';
import type { Rule } from './rule.ts';
import type { PatternTrie } from './trie.ts';

/** The rules of somebody: his own, those of his teams and those of everybody, of which one copy serves all accounts. */
export class RuleSet {
  readonly #parts: readonly PatternTrie<Rule>[];

  constructor(parts: readonly PatternTrie<Rule>[]) {
    this.#parts = parts.filter((part) => part.values.length > 0);
  }

  /** Every rule. */
  get values(): readonly Rule[] {
    return this.#parts.flatMap((part) => part.values);
  }

  /** Those whose patterns match `name`, in the order of the parts, the widest of each part first. */
  matching(name: RepositoryName): Rule[] {
    const found: Rule[] = [];
    const segments = name.split('/');
    for (const part of this.#parts) part.match(segments, found);
    return found;
  }
}
