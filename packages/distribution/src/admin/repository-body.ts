import type { Repository } from '../metadata/repositories.ts';

/** A repository as the administration API, and the audit, have it. */
export function repositoryBody({ name, visibility, immutableTags, description }: Repository) {
  return { name, visibility, immutableTags, description };
}
