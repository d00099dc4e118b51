import { formatRepositoryPattern, type RepositoryPattern } from '@berth/protocol';

/** Every pattern, in text, that matches all that this one matches: as many as the pattern has segments, and a few. */
export function coveringPatterns(pattern: RepositoryPattern): string[] {
  if (pattern.kind === 'all') return ['**'];
  const name = pattern.kind === 'exact' ? pattern.name : `${pattern.parent}/*`;
  const parents = name
    .split('/')
    .slice(0, -1)
    .map((_, index, all) => all.slice(0, index + 1).join('/'));
  const below = parents.map((parent) => `${parent}/**`);
  const children = pattern.kind === 'below' || parents.length === 0 ? [] : [`${parents.at(-1)}/*`];
  return [...new Set([formatRepositoryPattern(pattern), ...children, ...below, '**'])];
}
