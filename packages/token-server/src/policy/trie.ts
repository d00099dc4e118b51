import type { RepositoryPattern } from '@berth/protocol';

/** Rules that belong to one prefix of names; each list is there once it is needed. */
interface Node<Value> {
  next?: Map<string, Node<Value>>;
  /** For the name that ends here: `team/app`. */
  exact?: Value[];
  /** For names with one more segment: `team/*`. */
  children?: Value[];
  /** For names with more segments: `team/**`; at the root, for all. */
  below?: Value[];
}

/** Values by pattern, found by name: the time depends on the segments of the name, not on how many patterns there are. */
export class PatternTrie<Value> {
  readonly #root: Node<Value> = {};
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

  /** Appends the values of all patterns that match the name of these segments to `found`, those of the widest first. */
  match(segments: readonly string[], found: Value[]): void {
    let node: Node<Value> | undefined = this.#root;
    const last = segments.length - 1;
    for (let depth = 0; node !== undefined; depth += 1) {
      append(found, node.below);
      const next: Node<Value> | undefined = node.next?.get(segments[depth] ?? '');
      if (depth === last) {
        append(found, node.children);
        append(found, next?.exact);
        return;
      }
      node = next;
    }
  }

  #nodeAt(path: string): Node<Value> {
    let node = this.#root;
    for (const segment of path.split('/')) {
      const children: Map<string, Node<Value>> = (node.next ??= new Map());
      let next = children.get(segment);
      if (next === undefined) children.set(segment, (next = {}));
      node = next;
    }
    return node;
  }
}

/** Not by spreading: the arguments of a call are limited, the grants of a person are not. */
function append<Value>(target: Value[], values: readonly Value[] | undefined): void {
  if (values === undefined) return;
  for (const value of values) target.push(value);
}
