import { OciError } from '@berth/protocol';
import type { Exchange } from '../exchange.ts';

/** Throws `DENIED` where the repository does not exist yet and may not be made: `push` alone is not enough. */
export function checkCreate({ access, repository }: Exchange): void {
  if (repository.exists) return;
  const verdict = access.may(repository, 'create');
  if (!verdict.allowed) throw new OciError('DENIED', { message: verdict.reason });
}
