import { randomUUID } from 'node:crypto';
import { leaseHeld, releaseLease, takeLease, type Lease } from '@berth/database';
import { OciError } from '@berth/protocol';
import { changeJob, findJob, insertJob, listJobs, stopRunningJobs, type Job } from '../metadata/jobs.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import type { StoreContext } from '../stores/context.ts';

/** One job at a time, among all processes. */
const leaseName = 'job';

/** A job whose process died is known to have stopped after so long, in milliseconds. */
const leaseTime = 5_000;

/** How often a job says how far it is, and holds its lease, in milliseconds. */
const reportInterval = 1_000;

/** What a job gets: it stops soon after the signal, and calls `report` with how far it is. */
export interface JobControl {
  readonly signal: AbortSignal;
  report(progress: object): void;
}

export interface NewJob {
  readonly kind: string;
  readonly options: object;
  /** Name of the account. */
  readonly startedBy: string;
  /** Resolves to what was done. */
  run(control: JobControl): Promise<object>;
  /** Written in the transaction that begins the job. */
  record?(trx: Writer): Promise<void>;
}

/** Long work in the background, with a row that says how far it is. */
export class Jobs {
  readonly #context: StoreContext;
  readonly #owner = randomUUID();
  #running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Begins it and does not wait. Throws `CONFLICT` where another one runs. */
  async start(job: NewJob): Promise<Job> {
    const row = this.#rowOf(job);
    const lease = await this.#context.database.transaction(async (trx) => {
      const taken = await this.#take(trx);
      await stopRunningJobs(trx, row.startedAt);
      await insertJob(trx, row);
      await job.record?.(trx);
      return taken;
    });
    const stop = new AbortController();
    this.#running = { stop, ended: this.#run(row.id, job, lease, stop) };
    return row;
  }

  async find(id: string): Promise<Job | undefined> {
    const job = await findJob(this.#context.database.reader, id);
    return job && this.#asItIs(job);
  }

  /** The newest first. */
  async list(): Promise<Job[]> {
    const jobs = await listJobs(this.#context.database.reader);
    return Promise.all(jobs.map((job) => this.#asItIs(job)));
  }

  /** Ends the one that runs in this process. Whether there was one. */
  async stop(): Promise<boolean> {
    const running = this.#running;
    running?.stop.abort();
    await running?.ended;
    return running !== undefined;
  }

  /** One whose process died has stopped, though nobody has said so. */
  async #asItIs(job: Job): Promise<Job> {
    const { database, now } = this.#context;
    if (job.state !== 'running' || (await leaseHeld(database.reader, leaseName, now()))) return job;
    return { ...job, state: 'stopped' };
  }

  #rowOf({ kind, options, startedBy }: NewJob): Job {
    const startedAt = this.#context.now();
    const state = 'running' as const;
    return {
      id: randomUUID(),
      kind,
      state,
      options,
      report: {},
      error: null,
      startedAt,
      startedBy,
      endedAt: null,
    };
  }

  /** To look at the lease is not enough: this process may run a job already, and have been too busy to renew its lease. */
  async #take(trx: Writer): Promise<Lease> {
    const now = this.#context.now();
    const free = this.#running === undefined && !(await leaseHeld(trx, leaseName, now));
    const request = { name: leaseName, owner: this.#owner, now, duration: leaseTime };
    const lease = free ? await takeLease(trx, request) : undefined;
    if (lease === undefined) throw new OciError('CONFLICT', { message: 'another job is running' });
    return lease;
  }

  async #run(id: string, job: NewJob, lease: Lease, stop: AbortController): Promise<void> {
    const { signal } = stop;
    let progress: object = {};
    let held = Promise.resolve();
    const hold = () => (held = held.then(() => this.#hold(id, progress, stop)));
    const holding = setInterval(hold, reportInterval);
    const report = (now: object) => (progress = now);
    const end = await job.run({ signal, report }).then(
      (done) => ({ state: signal.aborted ? ('stopped' as const) : ('done' as const), report: done }),
      (error: unknown) =>
        signal.aborted ? { state: 'stopped' as const, report: progress } : this.#failed(job, error),
    );
    clearInterval(holding);
    await held;
    await this.#end(id, end, lease);
  }

  #failed({ kind }: NewJob, error: unknown) {
    this.#context.logger.error({ kind, error }, 'a job failed');
    const message = error instanceof Error ? error.message : String(error);
    return { state: 'failed' as const, error: message };
  }

  /** A job that has lost its lease stops: another one runs by now. */
  async #hold(id: string, report: object, stop: AbortController): Promise<void> {
    const { database, now, logger } = this.#context;
    const request = { name: leaseName, owner: this.#owner, now: now(), duration: leaseTime };
    const hold = async (trx: Writer) => {
      await changeJob(trx, id, { report });
      return takeLease(trx, request);
    };
    try {
      if ((await database.transaction(hold, { relaxed: true })) === undefined) stop.abort();
    } catch (error) {
      logger.warn({ error }, 'a job could not say how far it is');
    }
  }

  async #end(id: string, end: Parameters<typeof changeJob>[2], lease: Lease): Promise<void> {
    const { database, now, logger } = this.#context;
    const write = async (trx: Writer) => {
      await changeJob(trx, id, { ...end, endedAt: now() });
      await releaseLease(trx, lease);
    };
    // Who sees that it has ended begins the next one at once.
    await database
      .transaction(write, { relaxed: true })
      .catch((error: unknown) => logger.error({ error }, 'the end of a job could not be written'));
    this.#running = undefined;
  }
}
