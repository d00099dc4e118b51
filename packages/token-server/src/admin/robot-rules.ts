import { OciError, type Actor } from '@berth/protocol';
import type { Queries } from '../database.ts';
import { countRobotsBelow } from '../subjects/robots.ts';
import { denial } from './permission.ts';

/** With patterns of one first segment; only an administrator makes more. */
const mostRobots = 200;

/** `team` of `team/app`, `team/*` and `team/**`. */
export function firstSegment(pattern: string): string {
  return pattern.split('/', 1)[0] ?? '';
}

/**
 * Throws `DENIED`. Robots share one space of names with users: whoever is no administrator takes names of his own
 * namespace only, or he would take those of users to come.
 */
export function requireRobotName({ admin }: Actor, name: string, pattern: string): void {
  if (admin) return;
  if (pattern === '**') throw denial('only administrators make robots of **');
  const segment = firstSegment(pattern);
  if (name.startsWith(segment) && /^[-._]./.test(name.slice(segment.length))) return;
  throw denial(
    `name: a robot of ${pattern} must be named ${segment}-<rest>, ${segment}.<rest> or ${segment}_<rest>: only administrators choose other names`,
  );
}

/** Throws `CONFLICT` where there are so many already that somebody fills the table. */
export async function requireFewRobots(db: Queries, { admin }: Actor, pattern: string): Promise<void> {
  const segment = firstSegment(pattern);
  if (admin || (await countRobotsBelow(db, segment)) < mostRobots) return;
  throw new OciError('CONFLICT', {
    message: `${segment} has ${mostRobots} robots: delete some first, or give one of them more than one token`,
  });
}
