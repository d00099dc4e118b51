import type { PushJob, PushResult } from '../client/job.ts';
import type { Effort } from '../options.ts';
import type { Server } from '../servers/server.ts';
import type { Load, Reading } from '../wrk/wrk.ts';

/** One figure. `p99` is a latency in milliseconds. */
export interface Measurement {
  readonly value: number;
  readonly p99?: number;
}

export interface Row {
  /** As `--rows` has it. */
  readonly key: string;
  /** As the table has it, with the unit. */
  readonly title: string;
  /** Whether it reads with wrk. */
  readonly needsWrk: boolean;
  /** Puts into the server what is to be read, and gives the measurement, which may be done many times. */
  prepare(server: Server): Promise<() => Promise<Measurement>>;
}

/** What rows measure with. */
export interface Tools {
  readonly effort: Effort;
  readonly push: (job: PushJob) => Promise<PushResult>;
  readonly read: (load: Load) => Promise<Reading>;
}
