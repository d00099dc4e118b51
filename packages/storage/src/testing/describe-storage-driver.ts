import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';

import type { StorageDriver } from '../driver.ts';
import { describeAborting } from './describe-aborting.ts';
import { describeChecking } from './describe-checking.ts';
import { describeConcurrency } from './describe-concurrency.ts';
import { describeFolders } from './describe-folders.ts';
import { describeMoving } from './describe-moving.ts';
import { describeReading } from './describe-reading.ts';
import { describeWriting } from './describe-writing.ts';
import { listFiles } from './files.ts';
import type { Suite } from './suite.ts';

export interface DriverUnderTest {
  /** Empty at first. */
  readonly driver: StorageDriver;
  /** Called once, after the last test. */
  stop?(): Promise<void>;
}

/** The vitest suite that every driver passes. `makeDriver` is called once; no test may leave a file behind. */
export function describeStorageDriver(
  name: string,
  makeDriver: () => DriverUnderTest | Promise<DriverUnderTest>,
): void {
  describe(name, () => {
    let made: DriverUnderTest;
    let tests = 0;
    const suite: Suite = {
      get driver() {
        return made.driver;
      },
      path: (name) => `test-${tests}/${name}`,
    };

    beforeAll(async () => {
      made = await makeDriver();
    });
    afterEach(async () => {
      await made.driver.delete(`test-${tests}`);
      tests += 1;
      expect(await listFiles(made.driver, ''), 'files left behind').toEqual([]);
    });
    afterAll(() => made.stop?.());

    describeReading(suite);
    describeWriting(suite);
    describeMoving(suite);
    describeFolders(suite);
    describeChecking(suite);
    describeAborting(suite);
    describeConcurrency(suite);
  });
}
