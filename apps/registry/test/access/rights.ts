import { administrator, robots, users, type Grant, type Limit, type Repository } from './world.ts';

/**
 * Who may do what, word by word from the rules as users read them (`docs/access.md`): one look through the whole list
 * of grants for each question. It shares nothing with the evaluator of the token server, so that both cannot be wrong
 * in the same way.
 */
export interface Asker {
  /** `null`: nobody. */
  readonly account: string | null;
  readonly teams: readonly string[];
  readonly limits: readonly Limit[] | null;
}

export interface Asked {
  readonly action: string;
  readonly repository: Pick<Repository, 'name' | 'visibility'>;
  /** Which tag it is about. `any`: none is named yet. `none`: it is about what no tag names. */
  readonly tag: { readonly named: string } | 'any' | 'none';
}

const roles: Readonly<Record<string, readonly string[]>> = {
  reader: ['pull'],
  writer: ['pull', 'push', 'create', 'overwrite'],
  publisher: ['pull', 'push', 'create'],
  maintainer: ['pull', 'push', 'create', 'overwrite', 'delete'],
  owner: ['pull', 'push', 'create', 'overwrite', 'delete', 'admin'],
};

/** Any deny that matches wins, else any allow, else no; and the limits of the credential cut what is left. */
export function may(asker: Asker, asked: Asked, grants: readonly Grant[]): boolean {
  const matching = grants.filter((grant) => matches(grant, asker, asked));
  if (matching.some(({ effect }) => effect === 'deny')) return false;
  const allowed =
    matching.some(({ effect }) => effect === 'allow') || owns(asker, asked) || isVisible(asker, asked);
  return allowed && isWithin(asker.limits, asked);
}

function matches(grant: Grant, asker: Asker, asked: Asked): boolean {
  return (
    grant.lasts !== 'past' &&
    actionsOf(grant).includes(asked.action) &&
    isFor(grant, asker) &&
    matchesName(grant.repository, asked.repository.name) &&
    matchesTags(grant, asked)
  );
}

export function actionsOf({ rights }: Grant): readonly string[] {
  return typeof rights === 'string' ? (roles[rights] ?? []) : rights;
}

/** An allow to `anonymous` holds for all, a deny of it only for those without an account. */
function isFor({ subject, effect }: Grant, { account, teams }: Asker): boolean {
  if (subject === 'anonymous') return effect === 'allow' || account === null;
  if (account === null) return false;
  if (subject === 'authenticated') return true;
  const own = [`${isRobot(account) ? 'robot' : 'user'}:${account}`, ...teams.map((team) => `team:${team}`)];
  return own.includes(subject);
}

export function matchesName(pattern: string, name: string): boolean {
  if (pattern === '**') return true;
  const segments = name.split('/');
  const wanted = pattern.split('/');
  const last = wanted.at(-1);
  if (last !== '*' && last !== '**') return pattern === name;
  const parent = wanted.slice(0, -1);
  const more = segments.length - parent.length;
  const below = parent.every((segment, index) => segments[index] === segment);
  return below && (last === '*' ? more === 1 : more >= 1);
}

/**
 * A tag pattern is about what is done to tags: pushing, moving and deleting them. It gives a beginning where no tag is
 * named yet, and takes nothing there; what no tag names is out of its reach.
 */
function matchesTags({ tags, effect }: Grant, { action, tag }: Asked): boolean {
  if (tags === null) return true;
  if (!['push', 'overwrite', 'delete'].includes(action) || tag === 'any') return effect === 'allow';
  return tag !== 'none' && matchesTag(tags, tag.named);
}

export function matchesTag(pattern: string, tag: string): boolean {
  const literal = pattern.split('*').map((part) => part.replaceAll('.', '\\.'));
  return new RegExp(`^${literal.join('.*')}$`).test(tag);
}

function owns({ account }: Asker, { repository }: Asked): boolean {
  if (account === administrator) return true;
  return account !== null && !isRobot(account) && repository.name.startsWith(`${account}/`);
}

function isVisible({ account }: Asker, { action, repository: { visibility } }: Asked): boolean {
  if (action !== 'pull') return false;
  return visibility === 'public' || (visibility === 'internal' && account !== null);
}

function isWithin(limits: readonly Limit[] | null, { action, repository }: Asked): boolean {
  if (limits === null) return true;
  return limits.some(
    (limit) => limit.actions.includes(action) && matchesName(limit.repository, repository.name),
  );
}

export function isRobot(account: string): boolean {
  if ((robots as readonly string[]).includes(account)) return true;
  if ((users as readonly string[]).includes(account)) return false;
  throw new Error(`nobody is called ${account}`);
}
