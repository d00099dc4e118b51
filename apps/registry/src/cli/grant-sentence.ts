import { z } from 'zod';
import { listed, personOf, repositoriesOf, timeOf } from './sentences.ts';

/** A grant as the administration API answers it. */
export const grantShape = z.object({
  id: z.string(),
  effect: z.enum(['allow', 'deny']).default('allow'),
  subject: z.string(),
  repository: z.string(),
  role: z.string().nullish(),
  actions: z.array(z.string()),
  tags: z.string().nullish(),
  expiresAt: z.union([z.string(), z.number()]).nullish(),
  comment: z.string().nullish(),
  createdBy: z.string().nullish(),
});

export type GrantAnswer = z.infer<typeof grantShape>;

/** `Grant 7f3kq2ab: bob may pull team/app.` */
export function describeGrant(grant: GrantAnswer): string {
  return `Grant ${grant.id}: ${grantSentence(grant)}`;
}

/** What a grant means, as a sentence for people. */
export function grantSentence(grant: Omit<GrantAnswer, 'id'>): string {
  const may = grant.effect === 'deny' ? 'may not' : 'may';
  const role = grant.role ? ` (${grant.role})` : '';
  const tags = grant.tags ? `, tags ${grant.tags} only` : '';
  const until = grant.expiresAt ? `, until ${timeOf(grant.expiresAt)}` : '';
  const joined = grant.effect === 'deny' ? grant.actions.join(' or ') : listed(grant.actions);
  return `${personOf(grant.subject)} ${may} ${joined} ${repositoriesOf(grant.repository)}${role}${tags}${until}.`;
}

/** The role where there is one, else the actions. */
export function rightsOf({ role, actions }: Pick<GrantAnswer, 'role' | 'actions'>): string {
  return role || actions.join(',');
}
