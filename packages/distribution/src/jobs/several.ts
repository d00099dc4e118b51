/** Several of one kind, in the report of a job. */
export interface Several {
  readonly count: number;
  /** The first hundred. */
  readonly first: readonly string[];
}

const mostNamed = 100;

/** Counts them, and remembers the first. */
export class Names {
  #count = 0;
  readonly #first: string[] = [];

  add(name: string): void {
    this.#count += 1;
    if (this.#first.length < mostNamed) this.#first.push(name);
  }

  get found(): Several {
    return { count: this.#count, first: this.#first };
  }
}
