import { OciError, type Actor } from '@berth/protocol';
import type { Queries } from '../database.ts';
import { namespaceOf } from '../subjects/namespace.ts';
import { countRobotsWithin } from '../subjects/robots.ts';
import { denial } from './permission.ts';

/** In one namespace; only an administrator makes more. */
const mostRobots = 200;

/**
 * Throws `DENIED`. Robots and users share one space of names: who is no administrator names robots after his own
 * namespace only, and so takes no name that a user to come may want.
 */
export function requireRobotName({ admin }: Actor, name: string, pattern: string): void {
  if (admin) return;
  if (pattern === '**') throw denial('only administrators make robots of **');
  const namespace = namespaceOf(pattern);
  if (name.startsWith(namespace) && /^[-._]./.test(name.slice(namespace.length))) return;
  throw denial(
    `name: a robot of ${pattern} must be named ${namespace}-<rest>, ${namespace}.<rest> or ${namespace}_<rest>: only administrators choose other names`,
  );
}

/** Throws `CONFLICT` where there are so many already that somebody fills the table. */
export async function requireFewRobots(db: Queries, { admin }: Actor, pattern: string): Promise<void> {
  const namespace = namespaceOf(pattern);
  if (admin || (await countRobotsWithin(db, namespace)) < mostRobots) return;
  throw new OciError('CONFLICT', {
    message: `${namespace} has ${mostRobots} robots: delete some first, or give one of them more than one token`,
  });
}
