import { OciError, type Actor } from '@berth/protocol';

/** Throws `DENIED`, before anything is looked up: the answer tells nothing. */
export function requireAdmin({ admin, narrowed }: Actor): void {
  if (narrowed)
    throw new OciError('DENIED', { message: 'a personal access token with limits may not do this' });
  if (!admin) throw new OciError('DENIED', { message: 'only administrators may do this' });
}
