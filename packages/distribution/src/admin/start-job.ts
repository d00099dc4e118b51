import { requireAdmin, type Actor, type AdminReply, type TransactionalAuditLog } from '@berth/protocol';
import type { Jobs, NewJob } from '../jobs/jobs.ts';
import { jobBody } from './job-body.ts';

/** Begins a job for an administrator, with a line in the audit, and answers without waiting for it. */
export type StartJob = (actor: Actor, work: Work) => Promise<AdminReply>;

interface Work extends Pick<NewJob, 'options' | 'run'> {
  readonly kind: 'garbage-collect' | 'verify' | 'check' | 'export';
}

export function jobStarter(jobs: Jobs, audit: TransactionalAuditLog): StartJob {
  return async (actor, work) => {
    requireAdmin(actor);
    const { name, address, credential } = actor;
    const event = { actor: name, address, credential, outcome: 'done', action: `job.${work.kind}` } as const;
    const started = await jobs.start({
      ...work,
      startedBy: name,
      record: (trx) => audit.recordIn(trx, { ...event, after: work.options }),
    });
    return { status: 202, body: jobBody(started) };
  };
}
