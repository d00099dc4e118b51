import {
  isRepositoryName,
  isTokenAction,
  tokenActions,
  type FindRepository,
  type RepositoryName,
  type Scope,
  type TokenAction,
} from '@berth/protocol';
import { earliest, evaluate } from '../policy/evaluate.ts';
import type { Principal } from '../policy/principal.ts';

export interface Granted {
  readonly access: readonly Scope[];
  /** The earliest expiry of what the access rests on, in milliseconds since 1970. */
  readonly until: number | undefined;
}

export interface GrantedOptions {
  readonly principal: Principal;
  readonly findRepository: FindRepository;
  /** Whether the token is for Berth's own registry. */
  readonly own: boolean;
  readonly now: number;
}

/**
 * What of the wanted scopes the principal may: less than was asked for is no error (rule 15), unknown types and
 * actions are passed over (rule 30), and `*` stands for all that is allowed (rule 29).
 */
export async function grantedAccess(wanted: readonly Scope[], options: GrantedOptions): Promise<Granted> {
  const parts = await Promise.all(wanted.map((scope) => grantedScope(scope, options)));
  const given = fitting(parts.filter((part) => part.scope.actions.length > 0));
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

/** In characters of JSON: with it the token stays below 7 KiB (rule 40), whatever the names are. */
const longestAccess = 4800;

function fitting(parts: readonly Part[]): Part[] {
  let length = 0;
  return parts.filter(({ scope }) => (length += JSON.stringify(scope).length) <= longestAccess);
}

async function grantedScope(scope: Scope, options: GrantedOptions): Promise<Part> {
  const { type, name, actions } = scope;
  if (type === 'repository' && isRepositoryName(name)) return repositoryPart(name, actions, options);
  const lists = type === 'registry' && name === 'catalog' && actions.includes('*') && mayList(options);
  return { scope: { type, name, actions: lists ? ['*'] : [] } };
}

/** Berth's own lists hold what the account may pull; those of another registry hold everything. */
function mayList({ own, principal }: GrantedOptions): boolean {
  return own || (principal.admin && principal.limits === null);
}

async function repositoryPart(
  name: RepositoryName,
  asked: readonly string[],
  options: GrantedOptions,
): Promise<Part> {
  const { principal, findRepository, now } = options;
  const wanted: readonly TokenAction[] = asked.includes('*') ? tokenActions : asked.filter(isTokenAction);
  if (wanted.length === 0) return { scope: { type: 'repository', name, actions: [] } };
  const repository = await findRepository(name);
  let until: number | undefined;
  const actions = wanted.filter((action) => {
    const decision = evaluate(principal, { repository, action, now });
    if (decision.allowed) until = earliest(until, decision.until);
    return decision.allowed;
  });
  return { scope: { type: 'repository', name, actions }, until };
}

function credentialEnd({ principal }: GrantedOptions): number | undefined {
  return principal.credentialExpiresAt ?? undefined;
}
