import {
  auditedRoute,
  OciError,
  type AuditedRoute,
  type TransactionalAuditLog,
  requireAdmin,
} from '@berth/protocol';
import { z } from 'zod';
import type { Jobs } from '../jobs/jobs.ts';
import { countQueues } from '../metadata/reviews.ts';
import type { StoreContext } from '../stores/context.ts';
import { exportRoute } from './export.ts';
import { jobAnswer, jobBody } from './job-body.ts';
import { jobStarter } from './start-job.ts';
import { storageJobRoutes } from './storage-jobs.ts';

export interface JobRoutesOptions {
  readonly context: StoreContext;
  readonly jobs: Jobs;
  readonly audit: TransactionalAuditLog;
  /** `storage.maintenance.readonly.enabled` of the configuration. */
  readonly readOnly: boolean;
}

const queue = z.strictObject({
  manifests: z.number().int().describe('referrers whose subject was deleted'),
  links: z.number().int().describe('blobs that maybe no manifest of their repository names'),
  blobs: z.number().int().describe('blobs that maybe no repository holds'),
  deletions: z.number().int().describe('files to be deleted from storage'),
});

/** Collection, and other long work. */
export function jobRoutes({ context, jobs, audit, readOnly }: JobRoutesOptions): AuditedRoute[] {
  const start = jobStarter(jobs, audit);
  const { reader } = context.database;
  return [
    auditedRoute({
      action: 'job.read',
      method: 'GET',
      path: '/gc',
      summary: 'What is to be looked at by the collection, and what of it is due',
      response: z.strictObject({ waiting: queue, due: queue }),
      async handle({ actor }) {
        requireAdmin(actor);
        const [waiting, due] = [await countQueues(reader), await countQueues(reader, context.now())];
        return { body: { waiting, due } };
      },
    }),
    ...storageJobRoutes({ context, start, readOnly }),
    exportRoute(context, start),
    auditedRoute({
      action: 'job.read',
      method: 'GET',
      path: '/jobs',
      summary: 'Jobs, the newest first',
      response: z.strictObject({ items: z.array(jobAnswer) }),
      async handle({ actor }) {
        requireAdmin(actor);
        return { body: { items: (await jobs.list()).map(jobBody) } };
      },
    }),
    auditedRoute({
      action: 'job.read',
      method: 'GET',
      path: '/jobs/:id',
      summary: 'One job: how far it is, and what it did',
      response: jobAnswer,
      async handle({ actor, params }) {
        requireAdmin(actor);
        const found = await jobs.find(params['id'] ?? '');
        if (found === undefined) throw new OciError('NOT_FOUND', { message: 'there is no such job' });
        return { body: jobBody(found) };
      },
    }),
  ];
}
