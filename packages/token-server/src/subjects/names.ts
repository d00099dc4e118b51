import { isNameComponent, OciError } from '@berth/protocol';
import type { Queries } from '../database.ts';
import { isBelow } from './namespace.ts';
import { hasRobotBelow } from './robots.ts';

/** Names that mean something else, here or in what clients send. */
const reservedNames = new Set(['library', 'oidc', 'anonymous', 'authenticated', 'local', 'token']);

export interface NameRules {
  /** Names of upstreams: their repositories begin with them. */
  readonly reserved: readonly string[];
  /** Whether a repository `<name>/…` exists. */
  readonly ownsRepositoriesBelow: (name: string) => Promise<boolean>;
}

const nameMessage =
  'must be lower-case letters and digits, with single separators . _ - between them, and at most 255 characters';

/** Throws `BAD_REQUEST` for what is no name, and `CONFLICT` for a reserved one. */
export function checkName(name: string, reserved: readonly string[]): void {
  if (!isNameComponent(name)) throw new OciError('BAD_REQUEST', { message: `name: ${nameMessage}` });
  if (!reservedNames.has(name) && !reserved.includes(name)) return;
  throw new OciError('CONFLICT', { message: `the name ${name} is reserved` });
}

/** Who is new: a user owns `<name>/**`, and people take a team for the owner of it. */
export interface Newcomer {
  readonly kind: 'user' | 'team';
  readonly name: string;
}

/** Throws `CONFLICT` where somebody new would inherit what others have left or were given below the name, or seem to. */
export async function checkNamespace(db: Queries, { kind, name }: Newcomer, rules: NameRules): Promise<void> {
  const found = await whatIsBelow(db, name, rules);
  if (found.length === 0) return;
  const consequence = {
    user: `would belong to the new ${name}: to hand them over,`,
    team: `people would take the team ${name} for their owner: if that is right,`,
  }[kind];
  const message = `${inWords(found)} under ${name}/ exist already, and ${consequence} say "handover": true (--handover of the berth command)`;
  throw new OciError('CONFLICT', { message });
}

/** All of it: who hands over repositories shall know that robots come with them. */
async function whatIsBelow(db: Queries, name: string, rules: NameRules): Promise<string[]> {
  const kinds = [
    ['repositories', await rules.ownsRepositoriesBelow(name)],
    ['grants', await hasGrantBelow(db, name)],
    ['robots', await hasRobotBelow(db, name)],
  ] as const;
  return kinds.filter(([, exist]) => exist).map(([kind]) => kind);
}

function inWords(kinds: readonly string[]): string {
  return [kinds.slice(0, -1).join(', '), ...kinds.slice(-1)].filter((text) => text !== '').join(' and ');
}

async function hasGrantBelow(db: Queries, name: string): Promise<boolean> {
  const query = db.selectFrom('access_grant').select('id').where(isBelow('pattern', name));
  return (await query.executeTakeFirst()) !== undefined;
}
