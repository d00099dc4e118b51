import { parseRepositoryPattern, type Action, type RepositoryPattern } from '@berth/protocol';

/** One limit of a narrowed personal access token: these actions on these repositories. */
export interface CredentialScope {
  readonly repository: RepositoryPattern;
  readonly actions: readonly Action[];
}

/** As the column `credential.scopes` and the administration API have it. */
export interface ScopeText {
  readonly repository: string;
  readonly actions: readonly Action[];
}

/** `null`: no narrower than the owner. Throws `TypeError` for what was never written here: it is not read as "all". */
export function decodeScopes(column: string | null): readonly CredentialScope[] | null {
  if (column === null) return null;
  return (JSON.parse(column) as ScopeText[]).map(({ repository, actions }) => {
    const pattern = parseRepositoryPattern(repository);
    if (pattern === undefined) throw new TypeError(`a stored token has a bad pattern: ${repository}`);
    return { repository: pattern, actions };
  });
}

export function encodeScopes(scopes: readonly ScopeText[] | null): string | null {
  return scopes === null ? null : JSON.stringify(scopes);
}
