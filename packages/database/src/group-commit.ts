import { sql, type Transaction } from 'kysely';
import { isBusy, toDatabaseError } from './errors.ts';

/** Transactions of one commit: those behind them wait no longer than that these take. */
const mostTogether = 32;

export interface GroupCommitOptions<Schema> {
  /** Runs `work` in one transaction, and resolves when that is on the disk. */
  readonly commit: <Result>(work: (trx: Transaction<Schema>) => Promise<Result>) => Promise<Result>;
  /** Whether there is a transaction: after some errors SQLite has rolled it back by itself. */
  readonly isOpen: () => boolean;
}

interface Job<Schema> {
  readonly work: (trx: Transaction<Schema>) => Promise<unknown>;
  readonly resolve: (value: any) => void;
  readonly reject: (error: unknown) => void;
}

/** Tells a job how it ended, once that is on the disk. */
type Settle = () => void;

/**
 * Commits together what arrives together: the wait for the disk is the longest part of a transaction, and the event loop
 * stands still in it. Each keeps what is its own: where one throws, its changes alone are taken back, to a savepoint.
 * Nobody hears of his end before the commit.
 */
export class GroupCommit<Schema> {
  readonly #options: GroupCommitOptions<Schema>;
  #waiting: Job<Schema>[] = [];

  constructor(options: GroupCommitOptions<Schema>) {
    this.#options = options;
  }

  /** Begins when the other events of this turn of the loop were seen. */
  run<Result>(work: (trx: Transaction<Schema>) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => void this.#commitWaiting());
    });
  }

  async #commitWaiting(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let first = 0; first < waiting.length; first += mostTogether)
      await this.#commitTogether(waiting.slice(first, first + mostTogether));
  }

  async #commitTogether(jobs: readonly Job<Schema>[]): Promise<void> {
    try {
      const ends = await this.#options.commit((trx) => this.#runAll(trx, jobs));
      for (const settle of ends) settle();
    } catch (error) {
      for (const { reject } of jobs) reject(error);
    }
  }

  async #runAll(trx: Transaction<Schema>, jobs: readonly Job<Schema>[]): Promise<Settle[]> {
    const ends: Settle[] = [];
    for (const job of jobs)
      ends.push(await (jobs.length === 1 ? runAlone(trx, job) : this.#runOne(trx, job)));
    return ends;
  }

  async #runOne(trx: Transaction<Schema>, job: Job<Schema>): Promise<Settle> {
    await sql`savepoint one`.execute(trx);
    try {
      const settle = await runAlone(trx, job);
      await sql`release one`.execute(trx);
      return settle;
    } catch (error) {
      if (!this.#options.isOpen() || isBusy(error)) throw error;
      await sql`rollback to one`.execute(trx);
      await sql`release one`.execute(trx);
      return () => job.reject(toDatabaseError(error));
    }
  }
}

async function runAlone<Schema>(trx: Transaction<Schema>, { work, resolve }: Job<Schema>): Promise<Settle> {
  const value = await work(trx);
  return () => resolve(value);
}
