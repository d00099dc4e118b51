import type { Database } from '@berth/database';
import type { Logger } from '@berth/protocol';
import type { StorageDriver } from '@berth/storage';
import type { DistributionTables } from '../metadata/schema/tables.ts';

/** What every store works with. */
export interface StoreContext {
  readonly database: Database<DistributionTables>;
  readonly storage: StorageDriver;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long what may be an orphan is left alone, in milliseconds. */
  readonly reviewDelay: number;
}

/**
 * How transactions about sessions of uploads commit: without fsync, since a power cut may take a session, and without
 * forgetting what was read before, since nothing about sessions is remembered.
 */
export const ofSession = { relaxed: true, forget: false } as const;
