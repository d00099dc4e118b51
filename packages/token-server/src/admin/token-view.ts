import { z } from 'zod';
import type { OwnedToken } from '../credentials/personal-tokens.ts';
import type { ScopeText } from '../credentials/scopes.ts';
import type { SubjectRow } from '../subjects/subjects.ts';
import { isoTime, scope } from './fields.ts';

export const token = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** `user:alice` or `robot:ci`. */
  owner: z.string(),
  scopes: z.array(scope).optional(),
  createdAt: z.string(),
  expiresAt: z.string().optional(),
  lastUsedAt: z.string().optional(),
});

export function tokenView(
  row: OwnedToken['token'],
  owner: Pick<SubjectRow, 'name' | 'kind'>,
): z.infer<typeof token> {
  return {
    id: row.id,
    name: row.name,
    owner: `${owner.kind}:${owner.name}`,
    ...(row.scopes === null
      ? {}
      : { scopes: JSON.parse(row.scopes) as (ScopeText & z.infer<typeof scope>)[] }),
    createdAt: isoTime(row.created_at),
    ...(row.expires_at === null ? {} : { expiresAt: isoTime(row.expires_at) }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: isoTime(row.last_used_at) }),
  };
}
