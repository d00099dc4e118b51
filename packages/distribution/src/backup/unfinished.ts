import { stopRunningJobs } from '../metadata/jobs.ts';
import type { Writer } from '../metadata/schema/tables.ts';

/** In a copy of the database nobody goes on with what was being done when it was made. */
export async function forgetUnfinished(trx: Writer, now: number): Promise<void> {
  await trx.deleteFrom('upload').execute();
  await stopRunningJobs(trx, now);
}
