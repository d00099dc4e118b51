/** What a token's `access` can hold for a repository. */
export type TokenAction = 'pull' | 'push' | 'delete';

/**
 * What a grant can give. `create` is to push to a name that does not exist yet, `overwrite` to move an existing tag,
 * `admin` to manage the grants of its pattern; these three are decided when they are used and never put into a token.
 */
export type Action = TokenAction | 'create' | 'overwrite' | 'admin';

export const tokenActions: readonly TokenAction[] = ['pull', 'push', 'delete'];
export const actions: readonly Action[] = ['pull', 'push', 'delete', 'create', 'overwrite', 'admin'];

/** Named sets of actions, as a grant names them. */
export const roles = {
  reader: ['pull'],
  writer: ['pull', 'push', 'create', 'overwrite'],
  publisher: ['pull', 'push', 'create'],
  maintainer: ['pull', 'push', 'create', 'overwrite', 'delete'],
  owner: ['pull', 'push', 'create', 'overwrite', 'delete', 'admin'],
} as const satisfies Record<string, readonly Action[]>;

export type Role = keyof typeof roles;

export function isTokenAction(text: string): text is TokenAction {
  return (tokenActions as readonly string[]).includes(text);
}
