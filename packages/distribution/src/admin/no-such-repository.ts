import { Hidden, OciError } from '@berth/protocol';

/** The same for what is missing and what is hidden; `hiddenBecause` goes to the audit only. */
export function noSuchRepository(name: string, hiddenBecause?: string): OciError {
  const cause = hiddenBecause === undefined ? {} : { cause: new Hidden(hiddenBecause) };
  return new OciError('NOT_FOUND', { message: `there is no repository ${name}`, ...cause });
}
