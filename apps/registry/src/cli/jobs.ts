import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { shaped } from './answer.ts';
import type { Context } from './context.ts';
import { CommandError } from './errors.ts';
import { ProgressLine } from './progress.ts';

const jobShape = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.string(),
  report: z.record(z.string(), z.unknown()),
  error: z.string().nullish(),
});

export type JobAnswer = z.infer<typeof jobShape>;

/** How often the server is asked, in milliseconds: first often, since most jobs are short. */
const pauses = { first: 50, longest: 1_000 };

/**
 * Starts a job and waits for its end. `progress` makes a line of how far it is, for a terminal. Rejects where the job
 * fails or is stopped.
 */
export async function runJob(
  { api, hosts }: Context,
  path: string,
  body: object,
  progress: (report: JobAnswer['report']) => string,
): Promise<JobAnswer> {
  let job = shaped(jobShape, await api.request('POST', path, body));
  const line = new ProgressLine(hosts.stderr);
  for (let pause = pauses.first; job.state === 'running'; pause = Math.min(pause * 2, pauses.longest)) {
    await sleep(pause);
    job = shaped(jobShape, await api.request('GET', `/jobs/${job.id}`));
    line.show(progress(job.report));
  }
  line.clear();
  if (job.state === 'done') return job;
  throw new CommandError('refused', `the job ${job.state}${job.error ? `: ${job.error}` : ''}`);
}
