import type { Exchange } from '../exchange.ts';
import { requireAllowed } from '../stores/tag-rules.ts';

/** Throws `DENIED` where the repository does not exist yet and may not be made: `push` alone is not enough. */
export function checkCreate({ access, repository }: Exchange): void {
  if (!repository.exists) requireAllowed(access.may(repository, 'create'));
}
