import { isNameComponent } from './names.ts';

/**
 * One item of a token's `access` claim and, in text, of the `scope` parameter: `type:name:action[,action]`.
 * Source: distribution/distribution `docs/content/spec/auth/scope.md`.
 */
export interface Scope {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** What lists of repositories need. */
export const catalogScope: Scope = { type: 'registry', name: 'catalog', actions: ['*'] };

export function repositoryScope(name: string, ...actions: readonly string[]): Scope {
  return { type: 'repository', name, actions };
}

/** More than any client asks for at once; each costs about 110 bytes in the token, which must fit into a header. */
export const mostScopes = 50;

/**
 * The name lies between the first and the last colon, since it may hold a port (rule 27). The deprecated class of
 * `repository(plugin)` is dropped (rule 28). `undefined` where the text is no scope: it is passed over (rule 30).
 */
export function parseScope(text: string): Scope | undefined {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  if (first <= 0 || last === first) return undefined;
  const type = text.slice(0, first).replace(/\([a-z0-9]*\)$/, '');
  const name = text.slice(first + 1, last);
  const actions = text
    .slice(last + 1)
    .split(',')
    .filter(Boolean);
  if (!isNameComponent(type) || name === '' || actions.length === 0) return undefined;
  return { type, name, actions: [...new Set(actions)] };
}

/**
 * All scopes of a request: repeated parameters, each with scopes separated by spaces, any of them empty (rule 25);
 * those of one name are merged (rule 26). At most {@link mostScopes}: the rest is not granted.
 */
export function parseScopes(parameters: readonly string[]): Scope[] {
  const merged = new Map<string, { readonly scope: Scope; readonly actions: Set<string> }>();
  for (const text of parameters.flatMap((parameter) => parameter.split(' '))) {
    const scope = parseScope(text);
    if (scope === undefined) continue;
    const key = `${scope.type}:${scope.name}`;
    const known = merged.get(key);
    if (known === undefined && merged.size === mostScopes) continue;
    if (known === undefined) merged.set(key, { scope, actions: new Set(scope.actions) });
    else for (const action of scope.actions) known.actions.add(action);
  }
  return Array.from(merged.values(), ({ scope, actions }) => ({ ...scope, actions: [...actions] }));
}

export function formatScope(scope: Scope): string {
  return `${scope.type}:${scope.name}:${scope.actions.join(',')}`;
}
