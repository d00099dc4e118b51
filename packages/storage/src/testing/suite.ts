import { expect } from 'vitest';

import type { StorageDriver } from '../driver.ts';
import { StorageError, type StorageErrorCode } from '../errors.ts';

/** What the groups of the suite share. */
export interface Suite {
  readonly driver: StorageDriver;
  readonly keepsInMemory: boolean;
  /** A path of this test alone; what lies there is deleted after it. */
  path(name: string): string;
}

/** Expects a rejection with a {@link StorageError} of this code. */
export async function expectCode(promise: Promise<unknown>, code: StorageErrorCode): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StorageError);
  expect(error).toMatchObject({ code });
}
