import { LRUCache } from 'lru-cache';

/** What is remembered at most, in bytes as the callers count them. */
const mostBytes = 16 * 1024 * 1024;

/** What a small row takes, with what is around it and without its key. */
const smallRow = 500;

/**
 * Remembers what was read for as long as nothing at all was committed, by this process or another. SQLite counts that,
 * and to ask for the count takes 15 µs, where a query takes 60; it is asked once for all requests that have arrived
 * together. A request that was sent after a commit was answered arrives after the count is asked again.
 */
export class ReadCache {
  readonly #countCommits: () => unknown;
  #entries = emptyEntries();
  #commits: unknown;
  #fresh = false;

  /** `countCommits` answers another value whenever another process has committed something since it was asked before. */
  constructor(countCommits: () => unknown) {
    this.#countCommits = countCommits;
  }

  /** To be called after each commit of this process that changed what may be remembered. */
  forget(): void {
    this.#entries = emptyEntries();
  }

  /** `sizeOf` is for values that are larger than a small row, in bytes. */
  get<Value>(
    key: string,
    read: () => Promise<Value>,
    sizeOf: (value: Value) => number = () => 0,
  ): Promise<Value> | Value {
    if (!this.#fresh) this.#refresh();
    const known = this.#entries.get(key);
    return known === undefined ? this.#read(key, read, sizeOf) : (known.value as Value);
  }

  async #read<Value>(
    key: string,
    read: () => Promise<Value>,
    sizeOf: (value: Value) => number,
  ): Promise<Value> {
    const entries = this.#entries;
    const value = await read();
    // Where something was committed meanwhile, these entries are not asked any more.
    entries.set(key, { value }, { size: smallRow + key.length + sizeOf(value) });
    return value;
  }

  #refresh(): void {
    const commits = this.#countCommits();
    if (commits !== this.#commits) this.#entries = emptyEntries();
    this.#commits = commits;
    this.#fresh = true;
    setImmediate(() => (this.#fresh = false));
  }
}

function emptyEntries(): LRUCache<string, { readonly value: unknown }> {
  return new LRUCache({ maxSize: mostBytes });
}
