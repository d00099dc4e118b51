import { DatabaseError } from '@berth/database';
import { OciError } from '@berth/protocol';
import { StorageError } from '@berth/storage';

/** What is wrong with storage or database, as an answer that tells a client to come again and nothing more. */
export function translateError(error: unknown): OciError | undefined {
  if (error instanceof StorageError) return unavailable(messageOf(error.code), error);
  if (error instanceof DatabaseError) return unavailable(messageOf(error.code), error);
  return undefined;
}

function messageOf(code: string): string {
  return code === 'NO_SPACE' ? 'the registry has no space left' : 'the registry cannot reach its data';
}

function unavailable(message: string, cause: Error): OciError {
  return new OciError('UNAVAILABLE', { message, headers: { 'retry-after': '5' }, cause });
}
