import type { Exchange } from '../exchange.ts';
import { requireAllowed } from '../stores/tag-rules.ts';

/** Throws `DENIED` where the repository does not exist yet and may not be made: `push` alone is not enough. */
export function checkCreate({ access, repository }: Exchange): void {
  if (!repository.exists) requireAllowed(access.may(repository, 'create'));
}

/** Once a body is there: what counts are the rights of then. Throws as the request itself would. */
export async function checkAgain(exchange: Exchange): Promise<Exchange> {
  const now = await exchange.renewed();
  checkCreate(now);
  return now;
}
