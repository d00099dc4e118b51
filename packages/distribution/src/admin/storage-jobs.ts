import { auditedRoute, requireAdmin, type AuditedRoute } from '@berth/protocol';
import { z } from 'zod';
import { collectGarbage } from '../collector/garbage-collect.ts';
import { checkStorage } from '../integrity/check.ts';
import { verifyBlobs } from '../integrity/verify.ts';
import type { JobControl } from '../jobs/jobs.ts';
import { requireWritable } from '../read-only.ts';
import type { StoreContext } from '../stores/context.ts';
import { jobAnswer } from './job-body.ts';
import type { StartJob } from './start-job.ts';

const garbage = z.strictObject({
  dryRun: z.boolean().default(false).describe('say what would go, and change nothing'),
  deleteUntagged: z.boolean().default(false).describe('manifests that no tag needs go too'),
  includeRecent: z
    .boolean()
    .default(false)
    .describe('also what a push that is under way may need: what it used in the last ten minutes'),
});

const verification = z.strictObject({
  percent: z.number().gt(0).max(100).default(100).describe('how many blobs of a hundred, chosen at random'),
  bytesPerSecond: z.number().int().min(0).default(0).describe('read at most so much; 0: as much as comes'),
});

export interface StorageJobsOptions {
  readonly context: StoreContext;
  readonly start: StartJob;
  /** Nothing may be collected. To verify and to check deletes nothing, and goes on. */
  readonly readOnly: boolean;
}

/** What is done to storage as a whole, each as a job. */
export function storageJobRoutes({ context, start, readOnly }: StorageJobsOptions): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'job.garbage-collect',
      method: 'POST',
      path: '/gc',
      summary: 'Collect now, as a job',
      body: garbage,
      response: jobAnswer,
      handle({ actor, body }) {
        requireAdmin(actor);
        if (!body.dryRun) requireWritable(readOnly);
        const run = (control: JobControl) => collectGarbage(context, body, control);
        return start(actor, { kind: 'garbage-collect', options: body, run });
      },
    }),
    auditedRoute({
      action: 'job.verify',
      method: 'POST',
      path: '/verify',
      summary: 'Compare blobs with their digests, as a job; what is damaged is put into quarantine',
      body: verification,
      response: jobAnswer,
      handle({ actor, body }) {
        const { percent, bytesPerSecond: rate } = body;
        const run = (control: JobControl) => verifyBlobs(context, { percent, rate }, control);
        return start(actor, { kind: 'verify', options: body, run });
      },
    }),
    auditedRoute({
      action: 'job.check',
      method: 'POST',
      path: '/check',
      summary: 'Compare storage, rows and the queues of the collection by a full scan, as a job',
      body: z.strictObject({}),
      response: jobAnswer,
      handle: ({ actor }) =>
        start(actor, { kind: 'check', options: {}, run: (control) => checkStorage(context, control) }),
    }),
  ];
}
