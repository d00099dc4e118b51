import { z } from 'zod';
import type { Job } from '../metadata/jobs.ts';

export const jobAnswer = z.strictObject({
  id: z.string(),
  kind: z.string(),
  state: z.enum(['running', 'done', 'failed', 'stopped']),
  options: z.record(z.string(), z.unknown()),
  report: z.record(z.string(), z.unknown()).describe('how far it is, and in the end what it did'),
  error: z.string().optional(),
  startedAt: z.iso.datetime(),
  startedBy: z.string(),
  endedAt: z.iso.datetime().optional(),
});

type JobAnswer = z.infer<typeof jobAnswer>;

export function jobBody({ startedAt, endedAt, error, ...rest }: Job): JobAnswer {
  return {
    ...(rest as Pick<JobAnswer, 'id' | 'kind' | 'state' | 'options' | 'report' | 'startedBy'>),
    ...(error !== null && { error }),
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt !== null && { endedAt: new Date(endedAt).toISOString() }),
  };
}
