import { OciError } from '@berth/protocol';
import type { Queries } from '../database.ts';
import type { GrantSubject } from '../policy/grant.ts';
import { findSubject } from '../subjects/subjects.ts';
import { parseGrantSubject } from './subject-text.ts';

/** A subject that exists; its id is null for `authenticated` and `anonymous`. */
export interface GrantTarget extends GrantSubject {
  readonly id: string | null;
}

/** `undefined` where `text` is none, or there is none of that name. */
export async function grantSubjectOf(db: Queries, text: string): Promise<GrantTarget | undefined> {
  const subject = parseGrantSubject(text);
  if (subject === undefined) return undefined;
  const { kind, name } = subject;
  if (kind === 'authenticated' || kind === 'anonymous' || name === null) return { kind, name, id: null };
  const row = await findSubject(db, kind, name);
  return row && { kind, name, id: row.id };
}

export function badField(field: string, message: string): OciError {
  return new OciError('BAD_REQUEST', { message: `${field}: ${message}` });
}
