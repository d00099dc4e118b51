import type { JobTable } from './schema/job.ts';
import type { Reader, Writer } from './schema/tables.ts';

export type JobState = JobTable['state'];

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly state: JobState;
  readonly options: object;
  /** How far it is, and in the end what it did. */
  readonly report: object;
  /** For people, where it failed. */
  readonly error: string | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly startedBy: string;
  readonly endedAt: number | null;
}

/** Jobs that are remembered. */
const mostJobs = 100;

export async function insertJob(trx: Writer, job: Job): Promise<void> {
  const { id, kind, state, error } = job;
  await trx
    .insertInto('job')
    .values({
      id,
      kind,
      state,
      options: JSON.stringify(job.options),
      report: JSON.stringify(job.report),
      error,
      started_at: job.startedAt,
      started_by: job.startedBy,
      ended_at: job.endedAt,
    })
    .execute();
  const kept = trx.selectFrom('job').select('id').orderBy('started_at', 'desc').limit(mostJobs);
  await trx.deleteFrom('job').where('id', 'not in', kept).execute();
}

export type JobChange = Partial<Pick<Job, 'state' | 'report' | 'error' | 'endedAt'>>;

export async function changeJob(trx: Writer, id: string, change: JobChange): Promise<void> {
  const { state, report, error, endedAt } = change;
  await trx
    .updateTable('job')
    .set({
      ...(state !== undefined && { state }),
      ...(report !== undefined && { report: JSON.stringify(report) }),
      ...(error !== undefined && { error }),
      ...(endedAt !== undefined && { ended_at: endedAt }),
    })
    .where('id', '=', id)
    .execute();
}

/** Jobs whose process has ended, since another one could take the lease. */
export async function stopRunningJobs(trx: Writer, now: number): Promise<void> {
  await trx
    .updateTable('job')
    .set({ state: 'stopped', ended_at: now })
    .where('state', '=', 'running')
    .execute();
}

export async function findJob(db: Reader, id: string): Promise<Job | undefined> {
  const row = await db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toJob(row);
}

/** The newest first. */
export async function listJobs(db: Reader): Promise<Job[]> {
  const rows = await db.selectFrom('job').selectAll().orderBy('started_at', 'desc').execute();
  return rows.map(toJob);
}

function toJob(row: JobTable): Job {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    options: JSON.parse(row.options) as object,
    report: JSON.parse(row.report) as object,
    error: row.error,
    startedAt: row.started_at,
    startedBy: row.started_by,
    endedAt: row.ended_at,
  };
}
