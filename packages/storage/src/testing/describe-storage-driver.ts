import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';

import type { StorageDriver } from '../driver.ts';
import { describeAborting } from './describe-aborting.ts';
import { describeChecking } from './describe-checking.ts';
import { describeConcurrency } from './describe-concurrency.ts';
import { describeFolders } from './describe-folders.ts';
import { describeMemory } from './describe-memory.ts';
import { describeMoving } from './describe-moving.ts';
import { describeReading } from './describe-reading.ts';
import { describeUnfinished } from './describe-unfinished.ts';
import { describeWriting } from './describe-writing.ts';
import { listFiles } from './files.ts';
import { strictErrors, type StrictDriver } from './strict-errors.ts';
import type { Suite } from './suite.ts';

export interface DriverUnderTest {
  /** Empty at first. */
  readonly driver: StorageDriver;
  /** It keeps files in memory, by design: then the suite wants to see that it does. */
  readonly keepsInMemory?: boolean;
  /** What is left where the files were that `list` does not show, such as uploads that nobody ended. */
  leftovers?(): Promise<string[]>;
  /** Called once, after the last test. */
  stop?(): Promise<void>;
}

/**
 * The vitest suite that every driver passes. `makeDriver` is called once. No test may leave anything behind, or make the
 * driver reject with an error that the contract does not name.
 */
export function describeStorageDriver(
  name: string,
  makeDriver: () => DriverUnderTest | Promise<DriverUnderTest>,
): void {
  describe(name, () => {
    let made: DriverUnderTest;
    let strict: StrictDriver;
    let tests = 0;
    const suite: Suite = {
      get driver() {
        return strict.driver;
      },
      get keepsInMemory() {
        return made.keepsInMemory === true;
      },
      path: (name) => `test-${tests}/${name}`,
    };

    beforeAll(async () => {
      made = await makeDriver();
      strict = strictErrors(made.driver);
    });
    afterEach(async () => {
      await made.driver.delete(`test-${tests}`);
      tests += 1;
      expect(await listFiles(made.driver, ''), 'files left behind').toEqual([]);
      expect(await made.leftovers?.(), 'left behind and not listed').toEqual(made.leftovers && []);
      expect(strict.takeForeign(), 'errors that are no StorageError').toEqual([]);
    });
    afterAll(() => made.stop?.());

    describeReading(suite);
    describeWriting(suite);
    describeUnfinished(suite);
    describeMemory(suite);
    describeMoving(suite);
    describeFolders(suite);
    describeChecking(suite);
    describeAborting(suite);
    describeConcurrency(suite);
  });
}
