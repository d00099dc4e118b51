import { denied, type Access, type Scope, type TokenAction, type Verdict } from '@berth/protocol';

const noScope = (name: string, action: string) => denied(`the token does not give ${action} on ${name}`);

/**
 * What a token gives, cut by today's rights. It is cut also where the policy has not moved since it was made: a
 * repository that was public when the token was made may have been deleted and made again, which moves nothing, and
 * to look into the compiled rights takes a microsecond.
 */
export function tokenAccess(access: readonly Scope[], live: Access): Access {
  const gives = (type: string, name: string, action: string) =>
    access.some((scope) => scope.type === type && scope.name === name && scope.actions.includes(action));
  const within = (name: string, action: TokenAction, verdict: () => Verdict): Verdict =>
    gives('repository', name, action) ? verdict() : noScope(name, action);
  return {
    account: live.account,
    may(repository, action) {
      if (action === 'admin') return noScope(repository.name, action);
      const needed = action === 'create' ? 'push' : action;
      return within(repository.name, needed, () => live.may(repository, action));
    },
    mayList: () => gives('registry', 'catalog', '*'),
    tag(repository, tag) {
      const rights = live.tag(repository, tag);
      return {
        put: within(repository.name, 'push', () => rights.put),
        overwrite: within(repository.name, 'push', () => rights.overwrite),
        delete: within(repository.name, 'delete', () => rights.delete),
      };
    },
    deleteUntagged: (repository) => within(repository.name, 'delete', () => live.deleteUntagged(repository)),
    readable: () => live.readable(),
    challenge: (needed) => live.challenge(needed),
  };
}
