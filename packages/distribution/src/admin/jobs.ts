import {
  adminRoute,
  OciError,
  type Actor,
  type AdminRoute,
  type TransactionalAuditLog,
} from '@berth/protocol';
import { z } from 'zod';
import { collectGarbage } from '../collector/garbage-collect.ts';
import { checkStorage } from '../integrity/check.ts';
import { verifyBlobs } from '../integrity/verify.ts';
import type { Jobs, NewJob } from '../jobs/jobs.ts';
import type { Job } from '../metadata/jobs.ts';
import { countQueues } from '../metadata/reviews.ts';
import type { StoreContext } from '../stores/context.ts';
import { exportRoute } from './export.ts';
import { requireAdmin } from './permission.ts';

export interface JobRoutesOptions {
  readonly context: StoreContext;
  readonly jobs: Jobs;
  readonly audit: TransactionalAuditLog;
}

const job = z.strictObject({
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

const queue = z.strictObject({
  manifests: z.number().int().describe('referrers whose subject was deleted'),
  links: z.number().int().describe('blobs that maybe no manifest of their repository names'),
  blobs: z.number().int().describe('blobs that maybe no repository holds'),
  deletions: z.number().int().describe('files to be deleted from storage'),
});

/** Collection, and other long work. */
export function jobRoutes({ context, jobs, audit }: JobRoutesOptions): AdminRoute[] {
  const start = async (actor: Actor, work: Pick<NewJob, 'kind' | 'options' | 'run'>) => {
    const { name, address, credential } = actor;
    const event = { actor: name, address, credential, outcome: 'done', action: `job.${work.kind}` } as const;
    const started = await jobs.start({
      ...work,
      startedBy: name,
      record: (trx) => audit.recordIn(trx, { ...event, after: work.options }),
    });
    return { status: 202, body: jobBody(started) };
  };

  return [
    adminRoute({
      method: 'GET',
      path: '/gc',
      summary: 'What is to be looked at by the collection, and what of it is due',
      response: z.strictObject({ waiting: queue, due: queue }),
      async handle({ actor }) {
        requireAdmin(actor);
        const { reader } = context.database;
        return {
          body: { waiting: await countQueues(reader), due: await countQueues(reader, context.now()) },
        };
      },
    }),
    adminRoute({
      method: 'POST',
      path: '/gc',
      summary: 'Collect now, as a job',
      body: garbage,
      response: job,
      async handle({ actor, body }) {
        requireAdmin(actor);
        return start(actor, {
          kind: 'garbage-collect',
          options: body,
          run: (control) => collectGarbage(context, body, control),
        });
      },
    }),
    adminRoute({
      method: 'POST',
      path: '/verify',
      summary: 'Compare blobs with their digests, as a job; what is damaged is put into quarantine',
      body: verification,
      response: job,
      async handle({ actor, body }) {
        requireAdmin(actor);
        const { percent, bytesPerSecond: rate } = body;
        return start(actor, {
          kind: 'verify',
          options: body,
          run: (control) => verifyBlobs(context, { percent, rate }, control),
        });
      },
    }),
    adminRoute({
      method: 'POST',
      path: '/check',
      summary: 'Compare storage, rows and the queues of the collection by a full scan, as a job',
      body: z.strictObject({}),
      response: job,
      async handle({ actor }) {
        requireAdmin(actor);
        return start(actor, { kind: 'check', options: {}, run: (control) => checkStorage(context, control) });
      },
    }),
    exportRoute({ context, start, job }),
    adminRoute({
      method: 'GET',
      path: '/jobs',
      summary: 'Jobs, the newest first',
      response: z.strictObject({ items: z.array(job) }),
      async handle({ actor }) {
        requireAdmin(actor);
        return { body: { items: (await jobs.list()).map(jobBody) } };
      },
    }),
    adminRoute({
      method: 'GET',
      path: '/jobs/:id',
      summary: 'One job: how far it is, and what it did',
      response: job,
      async handle({ actor, params }) {
        requireAdmin(actor);
        const found = await jobs.find(params['id'] ?? '');
        if (found === undefined) throw new OciError('NOT_FOUND', { message: 'there is no such job' });
        return { body: jobBody(found) };
      },
    }),
  ];
}

function jobBody({ startedAt, endedAt, error, ...rest }: Job): z.infer<typeof job> {
  return {
    ...(rest as Pick<z.infer<typeof job>, 'id' | 'kind' | 'state' | 'options' | 'report' | 'startedBy'>),
    ...(error !== null && { error }),
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt !== null && { endedAt: new Date(endedAt).toISOString() }),
  };
}
