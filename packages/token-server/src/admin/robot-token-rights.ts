import {
  coversPattern,
  formatRepositoryPattern,
  parseRepositoryPattern,
  type Action,
  type Actor,
  type RepositoryPattern,
} from '@berth/protocol';
import type { CredentialScope } from '../credentials/scopes.ts';
import { grantsOf } from '../grants/grants.ts';
import { grantOf } from '../policy/grant.ts';
import type { SubjectRow } from '../subjects/subjects.ts';
import type { AdminContext } from './context.ts';
import { denial, holdingsOf, type Holdings } from './permission.ts';

/** A personal access token of a robot that does not exist yet. */
export interface RobotToken {
  /** `null`: all that the robot may. */
  readonly limits: readonly CredentialScope[] | null;
  /** Milliseconds since 1970; `null`: it does not end. */
  readonly expiresAt: number | null;
}

/**
 * Throws `DENIED`. Whoever makes a token of a robot holds what it gives: so, as with a grant, no more than he has himself, and
 * no longer than he manages the robot.
 */
export async function requireMayLend(
  { database, principals }: AdminContext,
  actor: Actor,
  robot: SubjectRow,
  { limits, expiresAt }: RobotToken,
): Promise<void> {
  if (actor.admin) return;
  const holdings = await holdingsOf(principals, actor);
  requireManagesUntil(holdings, robot, expiresAt);
  const now = Date.now();
  for (const grant of (await grantsOf(database.reader, { kind: 'robot', id: robot.id })).map(grantOf)) {
    const { effect, repository, actions, tags, expiresAt: end } = grant;
    if (effect === 'deny' || (end !== null && end <= now)) continue;
    const until = end === null || expiresAt === null ? (end ?? expiresAt) : Math.min(end, expiresAt);
    for (const { pattern, action } of within(repository, actions, limits)) {
      if (!holdings({ pattern, action, tags, until })) throw tooMuch(robot, pattern, action);
    }
  }
}

function requireManagesUntil(holdings: Holdings, { name, pattern: text }: SubjectRow, until: number | null) {
  const pattern = parseRepositoryPattern(text ?? '');
  if (pattern !== undefined && holdings({ pattern, action: 'admin', until })) return;
  throw denial(`expiresAt: your admin on ${text} ends, and a token of ${name} ends no later`);
}

/** The part of a grant that the limits leave: of two patterns that share a name, one covers the other. */
function within(
  repository: RepositoryPattern,
  actions: readonly Action[],
  limits: RobotToken['limits'],
): { readonly pattern: RepositoryPattern; readonly action: Action }[] {
  if (limits === null) return actions.map((action) => ({ pattern: repository, action }));
  return limits.flatMap((limit) => {
    const inner = coversPattern(limit.repository, repository) ? repository : limit.repository;
    if (!coversPattern(limit.repository, inner) || !coversPattern(repository, inner)) return [];
    return actions
      .filter((action) => limit.actions.includes(action))
      .map((action) => ({ pattern: inner, action }));
  });
}

function tooMuch({ name }: SubjectRow, pattern: RepositoryPattern, action: Action) {
  const what = `${name} has ${action} on ${formatRepositoryPattern(pattern)}`;
  return denial(`you cannot give more than you have: ${what}; limit the token to what you have yourself`);
}
