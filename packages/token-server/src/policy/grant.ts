import { parseRepositoryPattern, type Action, type RepositoryPattern } from '@berth/protocol';
import type { AccessGrantTable } from '../schema/access-grant.ts';

/** Who may, or may not, do what where. */
export interface Grant {
  readonly id: string;
  readonly effect: 'allow' | 'deny';
  readonly subject: GrantSubject;
  readonly repository: RepositoryPattern;
  readonly actions: readonly Action[];
  /** Where the actions were given as one. */
  readonly role: string | null;
  /** A tag pattern; null: every tag. */
  readonly tags: string | null;
  /** Milliseconds since 1970; null: it does not end. */
  readonly expiresAt: number | null;
}

/** The name is null for `authenticated` and `anonymous`. */
export interface GrantSubject {
  readonly kind: AccessGrantTable['subject_kind'];
  readonly name: string | null;
}

/** A row of the table, and the name of its subject. */
export type GrantRow = AccessGrantTable & { readonly subject_name: string | null };

/** Throws `Error` for a row that was damaged: one that cannot be read might have been a deny. */
export function grantOf(row: GrantRow): Grant {
  const repository = parseRepositoryPattern(row.pattern);
  if (repository === undefined) throw new Error(`grant ${row.id} has no readable pattern`);
  return {
    id: row.id,
    effect: row.effect,
    subject: { kind: row.subject_kind, name: row.subject_name },
    repository,
    actions: actionsOf(row.actions),
    role: row.role,
    tags: row.tags,
    expiresAt: row.expires_at,
  };
}

/** Of as many different lists as there are; each is kept once, however many grants have it. */
const mostLists = 1000;

const lists = new Map<string, readonly Action[]>();

function actionsOf(text: string): readonly Action[] {
  const known = lists.get(text);
  if (known !== undefined) return known;
  const list = Object.freeze(JSON.parse(text) as Action[]);
  if (lists.size < mostLists) lists.set(text, list);
  return list;
}

/** `team:core`, `authenticated`. */
export function formatSubject({ kind, name }: GrantSubject): string {
  return name === null ? kind : `${kind}:${name}`;
}
