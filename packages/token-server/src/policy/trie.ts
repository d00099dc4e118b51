import type { RepositoryName, RepositoryPattern } from '@berth/protocol';

/** Rules that belong to one prefix of names; each list is there once it is needed. */
interface Node<Value> {
  readonly next: Map<string, Node<Value>>;
  /** For the name that ends here: `team/app`. */
  exact?: Value[];
  /** For names with one more segment: `team/*`. */
  children?: Value[];
  /** For names with more segments: `team/**`; at the root, for all. */
  below?: Value[];
}

/** Values by pattern, found by name: the time depends on the segments of the name, not on how many patterns there are. */
export class PatternTrie<Value> {
  readonly #root: Node<Value> = { next: new Map() };
  readonly #values: Value[] = [];

  /** Every value, in the order in which they were added. */
  get values(): readonly Value[] {
    return this.#values;
  }

  add(pattern: RepositoryPattern, value: Value): void {
    this.#values.push(value);
    const path = pattern.kind === 'all' ? '' : pattern.kind === 'exact' ? pattern.name : pattern.parent;
    const list = pattern.kind === 'all' ? 'below' : pattern.kind;
    const node = path === '' ? this.#root : this.#nodeAt(path);
    (node[list] ??= []).push(value);
  }

  /** The values of all patterns that match `name`. */
  matching(name: RepositoryName): Value[] {
    const found: Value[] = [];
    let node: Node<Value> | undefined = this.#root;
    for (let from = 0; node !== undefined;) {
      append(found, node.below);
      const slash = name.indexOf('/', from);
      const next: Node<Value> | undefined = node.next.get(
        slash < 0 ? name.slice(from) : name.slice(from, slash),
      );
      if (slash < 0) {
        append(found, node.children);
        append(found, next?.exact);
        return found;
      }
      from = slash + 1;
      node = next;
    }
    return found;
  }

  #nodeAt(path: string): Node<Value> {
    let node = this.#root;
    for (const segment of path.split('/')) {
      let next = node.next.get(segment);
      if (next === undefined) node.next.set(segment, (next = { next: new Map() }));
      node = next;
    }
    return node;
  }
}

/** Not by spreading: the arguments of a call are limited, the grants of a person are not. */
function append<Value>(target: Value[], values: readonly Value[] = []): void {
  for (const value of values) target.push(value);
}
