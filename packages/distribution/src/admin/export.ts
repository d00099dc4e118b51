import { adminRoute, type Actor, type AdminRoute } from '@berth/protocol';
import { z } from 'zod';
import { exportRegistry } from '../export/export-registry.ts';
import type { NewJob } from '../jobs/jobs.ts';
import type { StoreContext } from '../stores/context.ts';
import { requireAdmin } from './permission.ts';

export interface ExportRouteOptions<Job> {
  readonly context: StoreContext;
  /** What is answered. */
  readonly job: z.ZodType<Job>;
  start(
    actor: Actor,
    work: Pick<NewJob, 'kind' | 'options' | 'run'>,
  ): Promise<{ readonly status: number; readonly body: Job }>;
}

const body = z.strictObject({
  dryRun: z.boolean().default(false).describe('say what would be written and removed, and change nothing'),
});

export function exportRoute<Job>({ context, job, start }: ExportRouteOptions<Job>): AdminRoute {
  return adminRoute({
    method: 'POST',
    path: '/export',
    summary:
      'Write what `registry:2` and `registry:3` need to serve this storage, as a job; nothing may be pushed meanwhile',
    body,
    response: job,
    async handle({ actor, body: options }) {
      requireAdmin(actor);
      return start(actor, {
        kind: 'export',
        options,
        run: ({ signal, report }) =>
          exportRegistry(context, { signal, dryRun: options.dryRun, progress: report }),
      });
    },
  });
}
