import { OciError } from '@berth/protocol';

/** The same for what is missing and what is hidden. */
export function noSuchRepository(): OciError {
  return new OciError('NOT_FOUND', { message: 'there is no such repository' });
}
