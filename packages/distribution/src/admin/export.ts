import { auditedRoute, type AuditedRoute } from '@berth/protocol';
import { z } from 'zod';
import { exportRegistry } from '../export/export-registry.ts';
import type { StoreContext } from '../stores/context.ts';
import { jobAnswer } from './job-body.ts';
import type { StartJob } from './start-job.ts';

const options = z.strictObject({
  dryRun: z.boolean().default(false).describe('say what would be written and removed, and change nothing'),
});

export function exportRoute(context: StoreContext, start: StartJob): AuditedRoute {
  return auditedRoute({
    action: 'job.export',
    method: 'POST',
    path: '/export',
    summary:
      'Write what `registry:2` and `registry:3` need to serve this storage, as a job; nothing may be pushed meanwhile',
    body: options,
    response: jobAnswer,
    handle: ({ actor, body }) =>
      start(actor, {
        kind: 'export',
        options: body,
        run: ({ signal, report }) =>
          exportRegistry(context, { signal, dryRun: body.dryRun, progress: report }),
      }),
  });
}
