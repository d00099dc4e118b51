import { isRepositoryName, type RepositoryName, type Tag } from './names.ts';

/**
 * Names of repositories: one (`team/app`), one segment below (`team/*`), everything below (`team/**`), or all (`**`).
 * Nothing else: every pattern is a name or a range of names, so that a database can answer for it with an index.
 */
export type RepositoryPattern =
  | { readonly kind: 'all' }
  | { readonly kind: 'exact'; readonly name: RepositoryName }
  | { readonly kind: 'children'; readonly parent: RepositoryName }
  | { readonly kind: 'below'; readonly parent: RepositoryName };

/** `undefined` where `text` is no pattern. */
export function parseRepositoryPattern(text: string): RepositoryPattern | undefined {
  if (text === '**') return { kind: 'all' };
  const [kind, name] = text.endsWith('/**')
    ? (['below', text.slice(0, -3)] as const)
    : text.endsWith('/*')
      ? (['children', text.slice(0, -2)] as const)
      : (['exact', text] as const);
  if (!isRepositoryName(name)) return undefined;
  return kind === 'exact' ? { kind, name } : { kind, parent: name };
}

export function formatRepositoryPattern(pattern: RepositoryPattern): string {
  switch (pattern.kind) {
    case 'all':
      return '**';
    case 'exact':
      return pattern.name;
    case 'children':
      return `${pattern.parent}/*`;
    case 'below':
      return `${pattern.parent}/**`;
  }
}

export function matchesRepository(pattern: RepositoryPattern, name: RepositoryName): boolean {
  switch (pattern.kind) {
    case 'all':
      return true;
    case 'exact':
      return pattern.name === name;
    case 'children':
      return name.startsWith(`${pattern.parent}/`) && !name.includes('/', pattern.parent.length + 1);
    case 'below':
      return name.startsWith(`${pattern.parent}/`);
  }
}

/** Whether every name that `inner` matches is matched by `outer`. */
export function coversPattern(outer: RepositoryPattern, inner: RepositoryPattern): boolean {
  if (outer.kind === 'all') return true;
  if (inner.kind === 'all') return false;
  if (inner.kind === 'exact') return matchesRepository(outer, inner.name);
  if (outer.kind === 'exact') return false;
  if (outer.parent === inner.parent) return outer.kind === 'below' || inner.kind === 'children';
  return outer.kind === 'below' && inner.parent.startsWith(`${outer.parent}/`);
}

const tagPatternExpression = /^[a-zA-Z0-9_*][a-zA-Z0-9._*-]{0,127}$/;

/** A tag in which `*` stands for any run of characters, the empty one included: `v1.*`, `*-rc`, `latest`. */
export function isTagPattern(text: string): boolean {
  return tagPatternExpression.test(text);
}

/** Linear in the length of the tag for each `*`; no regular expression is built from what a user wrote. */
export function matchesTag(pattern: string, tag: Tag): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === tag;
  const tail = rest.pop() ?? '';
  if (tag.length < head.length + tail.length || !tag.startsWith(head) || !tag.endsWith(tail)) return false;
  let from = head.length;
  for (const part of rest) {
    const at = tag.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= tag.length - tail.length;
}
