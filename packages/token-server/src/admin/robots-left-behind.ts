import { OciError } from '@berth/protocol';
import type { TokenTransaction } from '../database.ts';
import { robotsBelow } from '../subjects/robots.ts';
import { deleteSubject, type SubjectRow } from '../subjects/subjects.ts';
import type { Change } from './change.ts';
import { lostWith } from './lost-with.ts';

/** What becomes of the robots in the namespace of a user who is deleted. */
export type RobotsChoice = 'delete' | 'keep';

export interface LeftBehind {
  readonly kept: readonly string[];
  /** Ids of those that were deleted. */
  readonly deleted: readonly string[];
  readonly changes: readonly Change[];
}

/** As many as one reads. */
const mostNamed = 5;

/**
 * Robots belong to a pattern and outlive the user who made them, and who may know their tokens. So whoever deletes the
 * user says what becomes of them. Throws `CONFLICT` where there are some and he has not said it.
 */
export async function settleRobots(
  trx: TokenTransaction,
  name: string,
  choice: RobotsChoice | undefined,
): Promise<LeftBehind> {
  const robots = await robotsBelow(trx, name);
  if (robots.length === 0) return { kept: [], deleted: [], changes: [] };
  if (choice === undefined) throw undecided(name, robots);
  if (choice === 'keep') return { kept: robots.map((robot) => robot.name), deleted: [], changes: [] };
  const changes: Change[] = [];
  for (const robot of robots) {
    changes.push(...(await lostWith(trx, robot)));
    await deleteSubject(trx, robot.id);
    const before = { name: robot.name, pattern: robot.pattern };
    changes.push({ action: 'robot.delete', target: robot.name, before });
  }
  return { kept: [], deleted: robots.map(({ id }) => id), changes };
}

function undecided(name: string, robots: readonly SubjectRow[]): OciError {
  const names = robots.slice(0, mostNamed).map((robot) => robot.name);
  const more = robots.length > mostNamed ? ` and ${robots.length - mostNamed} more` : '';
  return new OciError('CONFLICT', {
    message:
      `robots under ${name}/ would go on, with the tokens that ${name} made for them: ${names.join(', ')}${more}. ` +
      'To end them too, say ?robots=delete (--robots delete of the berth command); to let them go on, keep',
  });
}
