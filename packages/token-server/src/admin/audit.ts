import {
  auditActionsByNoun,
  auditActionsOf,
  auditedRoute,
  auditOutcomes,
  auditWords,
  nearest,
  requireAdmin,
  type AdminReply,
  type AdminRequest,
  type AuditedRoute,
} from '@berth/protocol';
import { z } from 'zod';
import { auditKey, listAudit, type AuditRecord } from '../audit-query.ts';
import type { AdminContext } from './context.ts';
import { isoTime, time } from './fields.ts';
import { pageOf, pageQuery, readPage } from './page.ts';

const outcome = z.enum(auditOutcomes);

const event = z.strictObject({
  id: z.string(),
  at: z.string(),
  action: z.string().describe('one that the query takes; of an older version maybe another'),
  outcome,
  actor: z.string(),
  address: z.string().optional(),
  credential: z.string().optional(),
  repository: z.string().optional(),
  target: z.string().optional(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  reason: z.string().optional(),
});

const action = z
  .enum(auditWords, { error: ({ input }) => noSuchAction(String(input)) })
  .describe('one action, or a noun, which stands for all of its actions');

const auditQuery = z.strictObject({
  ...pageQuery,
  last: z
    .string()
    .max(31)
    .regex(/^(\d{1,15}-\d{1,15})?$/, 'must be the next of the page before')
    .default(''),
  subject: z.string().max(255).optional(),
  repository: z.string().max(255).optional(),
  action: action.optional(),
  outcome: outcome.optional(),
  since: time.optional(),
  until: time.optional(),
});

export function auditRoutes(context: AdminContext): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'audit.read',
      method: 'GET',
      path: '/audit',
      summary: 'Who did what, the newest first; `subject` is the one who did it',
      query: auditQuery,
      response: pageOf(event),
      handle: (request) => readAudit(context, request),
    }),
  ];
}

async function readAudit(
  { database }: AdminContext,
  { actor, query }: AdminRequest<undefined, z.infer<typeof auditQuery>>,
): Promise<AdminReply> {
  requireAdmin(actor);
  const { subject, repository, action, outcome, since, until } = query;
  const actions = action === undefined ? undefined : auditActionsOf(action);
  const filter = { actor: subject, repository, actions, outcome, since: toTime(since), until: toTime(until) };
  const body = await readPage(query, {
    fetch: (after, limit) => listAudit(database.reader, filter, { after, limit }),
    key: auditKey,
    view: viewOf,
  });
  return { body };
}

/** Of a very long word the likeness is not measured. */
function noSuchAction(word: string): string {
  const meant = word.length > 100 ? undefined : nearest(word, auditWords);
  if (meant !== undefined) return `there is no action ${word}; did you mean ${meant}?`;
  const nouns = auditActionsByNoun().map(([noun]) => noun);
  return `there is no such action; there are those of ${nouns.join(', ')}`;
}

function toTime(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function viewOf({ id, at, before, after, ...row }: AuditRecord): z.infer<typeof event> {
  return {
    ...(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Omit<
      z.infer<typeof event>,
      'id' | 'at'
    >),
    id: String(id),
    at: isoTime(at),
    ...(before === null ? {} : { before: JSON.parse(before) as unknown }),
    ...(after === null ? {} : { after: JSON.parse(after) as unknown }),
  };
}
