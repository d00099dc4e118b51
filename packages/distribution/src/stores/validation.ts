import type { Child, Platform } from '../manifest.ts';

/** What a manifest names that has to be in its repository. */
export interface Validation {
  /** Config and layers: `validation.manifests.layers` of the configuration. */
  readonly layers: 'all' | 'none';
  /** Children of an index, or those of these platforms only: `validation.manifests.indexes` of the configuration. */
  readonly children: 'all' | 'none' | readonly Platform[];
}

export function mustExist(child: Child, children: Validation['children']): boolean {
  if (children === 'all' || children === 'none') return children === 'all';
  const { platform } = child;
  return children.some(
    ({ os, architecture }) => os === platform?.os && architecture === platform.architecture,
  );
}
