import {
  isRepositoryName,
  isTokenAction,
  tokenActions,
  type FindRepository,
  type RepositoryName,
  type Scope,
  type TokenAction,
} from '@berth/protocol';
import { evaluateElsewhere } from '../policy/elsewhere.ts';
import { earliest, evaluate, type Decision } from '../policy/evaluate.ts';
import type { Principal } from '../policy/principal.ts';

export interface Granted {
  readonly access: readonly Scope[];
  /** The earliest expiry of what the access rests on, in milliseconds since 1970. */
  readonly until: number | undefined;
}

export interface GrantedOptions {
  readonly principal: Principal;
  /** Absent where the token is for a registry that is not Berth: nothing is known of its repositories. */
  readonly findRepository: FindRepository | undefined;
  /** Whether the certificate of the key goes into the token. */
  readonly certificate: boolean;
  readonly now: number;
}

/**
 * What of the wanted scopes the principal may: less than was asked for is no error (rule 15), unknown types and
 * actions are passed over (rule 30), and `*` stands for all that is allowed (rule 29).
 */
export async function grantedAccess(wanted: readonly Scope[], options: GrantedOptions): Promise<Granted> {
  const parts = await Promise.all(wanted.map((scope) => grantedScope(scope, options)));
  const given = fitting(
    parts.filter((part) => part.scope.actions.length > 0),
    options,
  );
  return {
    access: given.map((part) => part.scope),
    until: given.reduce(
      (until: number | undefined, part) => earliest(until, part.until),
      credentialEnd(options),
    ),
  };
}

interface Part {
  readonly scope: Scope;
  readonly until?: number | undefined;
}

/** In characters of JSON: with it the token stays below 7 KiB (rule 40), whatever the names are, also signed with RS256. */
const longestAccess = 4600;

/** A certificate in the header takes as much room as so many characters of access. */
const certificateLength = 1100;

function fitting(parts: readonly Part[], { certificate }: GrantedOptions): Part[] {
  const room = certificate ? longestAccess - certificateLength : longestAccess;
  let length = 0;
  return parts.filter(({ scope }) => (length += JSON.stringify(scope).length) <= room);
}

async function grantedScope(scope: Scope, options: GrantedOptions): Promise<Part> {
  const { type, name, actions } = scope;
  if (type === 'repository' && isRepositoryName(name)) return repositoryPart(name, actions, options);
  const lists = type === 'registry' && name === 'catalog' && actions.includes('*') && mayList(options);
  return { scope: { type, name, actions: lists ? ['*'] : [] } };
}

/** Berth's own lists hold what the account may pull; those of another registry hold everything. */
function mayList({ findRepository, principal }: GrantedOptions): boolean {
  return findRepository !== undefined || (principal.admin && principal.limits === null);
}

async function repositoryPart(
  name: RepositoryName,
  asked: readonly string[],
  options: GrantedOptions,
): Promise<Part> {
  const wanted: readonly TokenAction[] = asked.includes('*') ? tokenActions : asked.filter(isTokenAction);
  if (wanted.length === 0) return { scope: { type: 'repository', name, actions: [] } };
  const decide = await decider(name, options);
  let until: number | undefined;
  const actions = wanted.filter((action) => {
    const decision = decide(action);
    if (decision.allowed) until = earliest(until, decision.until);
    return decision.allowed;
  });
  return { scope: { type: 'repository', name, actions }, until };
}

async function decider(
  name: RepositoryName,
  { principal, findRepository, now }: GrantedOptions,
): Promise<(action: TokenAction) => Decision> {
  if (findRepository === undefined) return (action) => evaluateElsewhere(principal, { name, action, now });
  const repository = await findRepository(name);
  return (action) => evaluate(principal, { repository, action, now });
}

function credentialEnd({ principal }: GrantedOptions): number | undefined {
  return principal.credentialExpiresAt ?? undefined;
}
