import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@berth/database';
import { memoryDriver } from '@berth/storage';
import { faultDriver, listFiles, type Faults } from '@berth/storage/testing';
import { prepareDistribution } from '../distribution.ts';
import type { DistributionTables } from '../metadata/schema/tables.ts';
import type { StoreContext } from '../stores/context.ts';
import { interruptible, type Interruptions } from './interruptible.ts';

export interface Fixture {
  /** A SQLite file and a store in memory, both of which can be made to fail. */
  readonly context: StoreContext;
  readonly faults: Faults;
  readonly interruptions: Interruptions;
  /** All paths in storage, sorted. */
  files(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openFixture(): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-distribution-'));
  const opened = await openDatabase<DistributionTables>(join(folder, 'berth.db'));
  await prepareDistribution(opened);
  const { database, interruptions } = interruptible(opened);
  const bytes = memoryDriver();
  const { driver, faults } = faultDriver(bytes);
  return {
    context: { database, storage: driver, logger: silent },
    faults,
    interruptions,
    files: () => listFiles(bytes, ''),
    async close() {
      await opened.close();
      await rm(folder, { recursive: true });
    },
  };
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
