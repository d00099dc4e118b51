import type { StorageErrorCode } from '@berth/storage';
import { expect } from 'vitest';

/** Expects a rejection with a StorageError of this code, whose message has these words. */
export async function expectError(
  promise: Promise<unknown>,
  code: StorageErrorCode,
  words: string,
): Promise<Error> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: Error) => reason,
  );
  expect(error).toMatchObject({ name: 'StorageError', code, message: expect.stringContaining(words) });
  return error;
}
