import {
  denied,
  type Access,
  type Account,
  type OciError,
  type ReadableNames,
  type RepositoryAction,
  type RepositoryFacts,
  type Scope,
  type Tag,
  type TagRights,
  type Verdict,
} from '@berth/protocol';

const noScope = (name: string, action: string) => denied(`the token does not give ${action} on ${name}`);

/**
 * What a token gives, cut by today's rights. It is cut also where the policy has not moved since it was made: a
 * repository that was public when the token was made may have been deleted and made again, which moves nothing, and
 * to look into the compiled rights takes a microsecond.
 */
export function tokenAccess(scopes: readonly Scope[], live: Access): Access {
  return new TokenAccess(scopes, live);
}

class TokenAccess implements Access {
  readonly account: Account | null;
  readonly credential: string | undefined;
  readonly #scopes: readonly Scope[];
  readonly #live: Access;

  constructor(scopes: readonly Scope[], live: Access) {
    this.account = live.account;
    this.credential = live.credential;
    this.#scopes = scopes;
    this.#live = live;
  }

  may(repository: RepositoryFacts, action: RepositoryAction): Verdict {
    const { name } = repository;
    if (action === 'admin') return noScope(name, action);
    const needed = action === 'create' ? 'push' : action;
    return this.#gives('repository', name, needed)
      ? this.#live.may(repository, action)
      : noScope(name, needed);
  }

  mayList(): boolean {
    return this.#gives('registry', 'catalog', '*');
  }

  tag(repository: RepositoryFacts, tag: Tag): TagRights {
    const { put, overwrite, delete: remove } = this.#live.tag(repository, tag);
    const { name } = repository;
    const pushes = this.#gives('repository', name, 'push');
    const deletes = this.#gives('repository', name, 'delete');
    return {
      put: pushes ? put : noScope(name, 'push'),
      overwrite: pushes ? overwrite : noScope(name, 'push'),
      delete: deletes ? remove : noScope(name, 'delete'),
    };
  }

  deleteUntagged(repository: RepositoryFacts): Verdict {
    const deletes = this.#gives('repository', repository.name, 'delete');
    return deletes ? this.#live.deleteUntagged(repository) : noScope(repository.name, 'delete');
  }

  deleteAll(repository: RepositoryFacts): Verdict {
    const deletes = this.#gives('repository', repository.name, 'delete');
    return deletes ? this.#live.deleteAll(repository) : noScope(repository.name, 'delete');
  }

  readable(): ReadableNames {
    return this.#live.readable();
  }

  challenge(needed: readonly Scope[]): OciError {
    return this.#live.challenge(needed);
  }

  async renewed(needed: readonly Scope[]): Promise<Access> {
    return new TokenAccess(this.#scopes, (await this.#live.renewed?.(needed)) ?? this.#live);
  }

  #gives(type: string, name: string, action: string): boolean {
    return this.#scopes.some(
      (scope) => scope.type === type && scope.name === name && scope.actions.includes(action),
    );
  }
}
