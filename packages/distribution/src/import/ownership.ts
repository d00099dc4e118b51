import { randomUUID } from 'node:crypto';
import { releaseLease, takeLease, type Lease } from '@berth/database';
import type { Writer } from '../metadata/schema/tables.ts';
import type { StoreContext } from '../stores/context.ts';

/** How long the work of a process that died is left alone, in milliseconds. */
const duration = 10_000;

/** How often a process that lives says so, in milliseconds. */
const interval = 3_000;

/** Another process does the work meanwhile: this one was away for too long. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** One owner of a piece of work among all processes, by the lease `name`. */
export class Ownership {
  readonly #context: StoreContext;
  readonly #name: string;
  readonly #owner = randomUUID();
  #lease: Lease | undefined;
  #holding: NodeJS.Timeout | undefined;

  constructor(context: StoreContext, name: string) {
    this.#context = context;
    this.#name = name;
  }

  /** Whether the work is this process's, until {@link release}. */
  async take(): Promise<boolean> {
    const take = (trx: Writer) => this.#take(trx);
    const { database } = this.#context;
    this.#lease = await database.transaction(take, { relaxed: true });
    if (this.#lease === undefined) return false;
    const hold = () => database.transaction(take, { relaxed: true }).catch(() => undefined);
    this.#holding = setInterval(() => void hold(), interval).unref();
    return true;
  }

  /** A step of the work. Throws {@link Overtaken}, and does nothing then. */
  async transaction<Result>(
    work: (trx: Writer) => Promise<Result>,
    options: { readonly relaxed?: boolean } = { relaxed: true },
  ): Promise<Result> {
    return this.#context.database.transaction(async (trx) => {
      const lease = await this.#take(trx);
      if (lease === undefined || lease.fence !== this.#lease?.fence)
        throw new Overtaken(`another process does the ${this.#name}`);
      return work(trx);
    }, options);
  }

  async release(): Promise<void> {
    clearInterval(this.#holding);
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease !== undefined)
      await this.#context.database.transaction((trx) => releaseLease(trx, lease), { relaxed: true });
  }

  #take(trx: Writer): Promise<Lease | undefined> {
    return takeLease(trx, { name: this.#name, owner: this.#owner, now: this.#context.now(), duration });
  }
}
