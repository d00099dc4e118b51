import { actions as allActions } from '@berth/protocol';
import { z } from 'zod';
import { formatSubject, type GrantRow } from '../policy/grant.ts';
import { action, future, isoTime, pattern, role, subject, tagPattern } from './fields.ts';

export const grant = z.strictObject({
  id: z.string(),
  effect: z.enum(['allow', 'deny']),
  subject: z.string(),
  repository: z.string(),
  actions: z.array(action),
  role: z.string().optional(),
  tags: z.string().optional(),
  expiresAt: z.string().optional(),
  comment: z.string().optional(),
  createdAt: z.string(),
  createdBy: z.string(),
  /** Only an administrator can remove it. */
  byAdmin: z.boolean(),
});

export const newGrant = z
  .strictObject({
    effect: z.enum(['allow', 'deny']).default('allow'),
    subject,
    repository: pattern,
    role: role.optional(),
    actions: z.array(action).min(1).max(allActions.length).optional(),
    tags: tagPattern.optional(),
    expiresAt: future.optional(),
    comment: z.string().max(1000).optional(),
  })
  .refine(({ role, actions }) => (role === undefined) !== (actions === undefined), {
    path: ['role'],
    message: 'give either a role or actions',
  });

export type NewGrant = z.infer<typeof newGrant>;

const rights = z.strictObject({
  subject: z.string(),
  repository: z.string(),
  actions: z.array(action),
  tags: z.string().optional(),
});

/** What a dry run answers: rights that the subject gains or loses. */
export const difference = z.strictObject({ added: z.array(rights), removed: z.array(rights) });

export const dryRun = { dryRun: z.enum(['true', 'false']).optional() };

export interface DryRunQuery {
  readonly dryRun?: 'true' | 'false' | undefined;
}

export function grantView(row: GrantRow): z.infer<typeof grant> {
  return {
    id: row.id,
    effect: row.effect,
    subject: formatSubject({ kind: row.subject_kind, name: row.subject_name }),
    repository: row.pattern,
    actions: JSON.parse(row.actions) as NewGrant['actions'] & {},
    ...(row.role === null ? {} : { role: row.role }),
    ...(row.tags === null ? {} : { tags: row.tags }),
    ...(row.expires_at === null ? {} : { expiresAt: isoTime(row.expires_at) }),
    ...(row.comment === null ? {} : { comment: row.comment }),
    createdAt: isoTime(row.created_at),
    createdBy: row.created_by,
    byAdmin: row.by_admin === 1,
  };
}
