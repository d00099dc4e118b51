export const endpoint = '/auth/token';

/** A scope that the admin and `writer` may have. */
export const pull = 'repository:team/app:pull';

/** As the `access` claim has it. */
export function accessTo(name: string, ...actions: string[]) {
  return { type: 'repository', name, actions };
}

/** Method and target of a request for a token. */
export function ask(query: string): readonly [string, string] {
  return ['GET', `${endpoint}?${query}`];
}
