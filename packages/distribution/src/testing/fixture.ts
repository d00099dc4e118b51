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
  /** Time goes by, and only so. */
  pass(milliseconds: number): void;
  /** All paths in storage, sorted. */
  files(): Promise<string[]>;
  close(): Promise<void>;
}

/** Of every fixture, in milliseconds. */
export const reviewDelay = 3_600_000;

export async function openFixture(): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-distribution-'));
  const opened = await openDatabase<DistributionTables>(join(folder, 'berth.db'));
  await prepareDistribution(opened);
  const { database, interruptions } = interruptible(opened);
  const bytes = memoryDriver();
  let time = Date.now();
  const { driver, faults } = faultDriver(bytes);
  return {
    context: { database, storage: driver, logger: silent, now: () => time, reviewDelay },
    pass(milliseconds) {
      time += milliseconds;
    },
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
