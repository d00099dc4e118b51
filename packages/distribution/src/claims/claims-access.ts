import {
  allowed,
  denied,
  isRepositoryName,
  type Access,
  type Account,
  type OciError,
  type RepositoryAction,
  type RepositoryPattern,
  type Scope,
  type TokenAction,
  type Verdict,
} from '@berth/protocol';
import type { ForeignClaims } from './verify.ts';

/** Makes the answer for a token that does not give what is needed. */
export type Insufficient = (needed: readonly Scope[]) => OciError;

/**
 * What the claims of a token give, and nothing else: who is behind it, and what the repository is, does not matter.
 * A right to push makes repositories and moves tags, as in the original, whose tokens know no finer one.
 */
export function claimsAccess({ subject, access }: ForeignClaims, challenge: Insufficient): Access {
  const gives = (name: string, action: TokenAction): Verdict =>
    access.some((scope) => scope.type === 'repository' && scope.name === name && holds(scope, action))
      ? allowed
      : denied(`the token does not give ${action} on ${name}`);
  const seesCatalog = access.some(
    (scope) => scope.type === 'registry' && scope.name === 'catalog' && holds(scope, '*'),
  );
  return {
    account: accountOf(subject),
    may({ name }, action) {
      const needed = tokenActionOf(action);
      return needed === undefined ? denied(`no token gives ${action}`) : gives(name, needed);
    },
    mayList: () => seesCatalog,
    tag({ name }) {
      const push = gives(name, 'push');
      return { put: push, overwrite: push, delete: gives(name, 'delete') };
    },
    deleteUntagged: ({ name }) => gives(name, 'delete'),
    deleteAll: ({ name }) => gives(name, 'delete'),
    readable: () => ({ allow: pullable(access), deny: [], visibilities: [] }),
    ...(seesCatalog && { listed: () => ({ allow: [{ kind: 'all' }], deny: [], visibilities: [] }) }),
    challenge,
  };
}

/** `*` is every action: distribution/distribution `registry/auth/token/accesscontroller.go`. */
function holds({ actions }: Scope, action: string): boolean {
  return actions.includes(action) || actions.includes('*');
}

function tokenActionOf(action: RepositoryAction): TokenAction | undefined {
  if (action === 'admin') return undefined;
  return action === 'create' ? 'push' : action;
}

/** A token says no more of somebody than his name. */
function accountOf(subject: string): Account | null {
  return subject === '' ? null : { id: subject, name: subject, kind: 'user' };
}

function pullable(access: readonly Scope[]): RepositoryPattern[] {
  return access.flatMap((scope) =>
    scope.type === 'repository' && holds(scope, 'pull') && isRepositoryName(scope.name)
      ? [{ kind: 'exact', name: scope.name }]
      : [],
  );
}
