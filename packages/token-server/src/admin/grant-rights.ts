import { formatRepositoryPattern, type Actor } from '@berth/protocol';
import type { Queries } from '../database.ts';
import { countDelegatedBy, countDelegatedTo, type GrantFilter, type SubjectKey } from '../grants/grants.ts';
import { grantOf, type Grant, type GrantRow } from '../policy/grant.ts';
import { bitOf } from '../policy/rule.ts';
import { namespaceOf } from '../subjects/namespace.ts';
import { teamsOf } from '../subjects/teams.ts';
import type { AdminContext } from './context.ts';
import { denial, holdingsOf, type Holdings } from './permission.ts';

/** A grant that does not exist yet. */
export type WantedGrant = Pick<Grant, 'effect' | 'repository' | 'actions' | 'tags' | 'expiresAt'>;

/**
 * Throws `DENIED`. Who has `admin` on all of a pattern shares what is in it, and cannot give more than he has: no other
 * action, no wider tags, no longer. He may deny what he does not have himself; but only an administrator denies `admin`,
 * or somebody could lock out the one who gave it to him.
 */
export async function requireMayGrant(
  context: AdminContext,
  actor: Actor,
  wanted: WantedGrant,
): Promise<void> {
  const holdings = await holdingsOf(context.principals, actor);
  requireAdminOn(holdings, wanted);
  if (wanted.effect === 'deny') return requireMayDeny(actor, holdings, wanted);
  const { repository: pattern, tags, expiresAt: until } = wanted;
  for (const action of wanted.actions) {
    if (holdings({ pattern, action, tags, until })) continue;
    const text = formatRepositoryPattern(pattern);
    throw denial(`you cannot give more than you have: ${action} on all of ${text}${lasting(until)}`);
  }
}

function requireMayDeny(
  { admin }: Actor,
  holdings: Holdings,
  { repository: pattern, actions, expiresAt: until }: WantedGrant,
): void {
  if (admin) return;
  if (!holdings({ pattern, action: 'admin', until })) {
    throw denial(
      `expiresAt: your admin on ${formatRepositoryPattern(pattern)} ends, and a deny ends no later`,
    );
  }
  if (!actions.includes('admin')) return;
  throw denial(
    'only an administrator may deny admin: deny the other actions, or delete the grant that gives it',
  );
}

/**
 * Grants to one subject in one namespace, whoever made them: a person can make them through 200 robots. Every decision
 * about somebody loads all grants that reach him, and those to `anonymous` reach everybody.
 */
const mostToOne = 1000;

/** Grants that one person made, to all subjects together: nobody fills the table. */
const mostByOne = 10_000;

/** Throws `DENIED` where others would feel one more grant that no administrator made. */
export async function requireFewDelegated(
  db: Queries,
  actor: Actor,
  { subject, pattern }: { readonly subject: SubjectKey; readonly pattern: string },
): Promise<void> {
  if (actor.admin) return;
  const hint = 'a pattern as team/** can stand for many, and a team for many people';
  if ((await countDelegatedTo(db, subject, pattern)) >= mostToOne) {
    throw denial(`${namespaceOf(pattern)} has ${mostToOne} grants to this subject: ${hint}`);
  }
  if ((await countDelegatedBy(db, actor.name)) >= mostByOne) {
    throw denial(`you have made ${mostByOne} grants: ${hint}`);
  }
}

/** Throws `DENIED`, for a grant that the actor may see. */
export async function requireMayRemove(context: AdminContext, actor: Actor, row: GrantRow): Promise<void> {
  requireAdminOn(await holdingsOf(context.principals, actor), grantOf(row));
  if (row.by_admin === 1 && !actor.admin) {
    throw denial('an administrator made this grant, and only an administrator can remove it');
  }
}

/** What somebody sees of the grants: those to himself and his teams, and those on what he has `admin` on. */
export interface Sight {
  /** A superset that the database finds; `undefined` where he sees all. */
  readonly near: GrantFilter['near'];
  readonly sees: (row: GrantRow) => boolean;
}

export async function sightOf(context: AdminContext, actor: Actor): Promise<Sight> {
  if (actor.admin) return { near: undefined, sees: () => true };
  const holdings = await holdingsOf(context.principals, actor);
  const subjectIds = await ownSubjects(context, actor);
  const sees = (row: GrantRow) =>
    (row.subject_id !== null && subjectIds.includes(row.subject_id)) ||
    holdings({ pattern: grantOf(row).repository, action: 'admin' });
  return { near: { subjectIds, patterns: await adminPatterns(context, actor) }, sees };
}

async function ownSubjects({ database }: AdminContext, { account }: Actor): Promise<string[]> {
  if (account === null) return [];
  const teams = await teamsOf(database.reader, account.id);
  return [account.id, ...teams.map((team) => team.id)];
}

async function adminPatterns({ principals }: AdminContext, { account, credential }: Actor) {
  if (account === null) return [];
  const principal = await principals.load({ uid: account.id, cid: credential });
  const rules = principal?.rules.values ?? [];
  return rules
    .filter(({ effect, bits }) => effect === 'allow' && (bits & bitOf('admin')) !== 0)
    .map(({ pattern }) => pattern);
}

function requireAdminOn(holdings: Holdings, { repository: pattern }: Pick<Grant, 'repository'>): void {
  if (holdings({ pattern, action: 'admin' })) return;
  throw denial(`you do not have admin on all of ${formatRepositoryPattern(pattern)}`);
}

function lasting(until: number | null): string {
  return until === null ? '' : ` until ${new Date(until).toISOString()}`;
}
