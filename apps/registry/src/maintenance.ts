import { randomUUID } from 'node:crypto';
import { releaseLease, takeLease, type Lease } from '@berth/database';
import type { Parts } from './parts.ts';

/** The first look is no later, in milliseconds, and at random, so that processes started together do not look together. */
const firstDelay = 60_000;

/** The longest that a timer of Node waits; a longer one would end at once. */
const longestDelay = 2 ** 31 - 1;

/** A process that died in a purge keeps others from it no longer, in milliseconds; a second purge beside a first does no harm. */
const leaseDuration = 600_000;

export interface Maintenance {
  /** Starts nothing more, and resolves when what runs has ended. */
  stop(): Promise<void>;
}

export type MaintenanceParts = Pick<Parts, 'configuration' | 'database' | 'distribution' | 'logger'>;

/** Ends abandoned uploads from time to time, in one process at a time. What fails is logged, and tried again next time. */
export function startMaintenance(parts: MaintenanceParts): Maintenance {
  const { enabled, interval } = parts.configuration.uploadPurging;
  return enabled ? repeat(interval, purgeUploads(parts)) : { stop: async () => {} };
}

/** `work` never rejects. The next run is `interval` after the end of the last. */
function repeat(interval: number, work: () => Promise<void>): Maintenance {
  let running = Promise.resolve();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const schedule = (delay: number) => {
    if (!stopped) timer = setTimeout(run, Math.min(delay, longestDelay)).unref();
  };
  const run = () => {
    running = work().then(() => schedule(interval));
  };
  schedule(Math.random() * Math.min(firstDelay, interval));
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      return running;
    },
  };
}

function purgeUploads(parts: MaintenanceParts): () => Promise<void> {
  const { database, logger } = parts;
  const owner = randomUUID();
  const request = () => ({ name: 'purge-uploads', owner, now: Date.now(), duration: leaseDuration });
  return async () => {
    try {
      const lease = await database.transaction((trx) => takeLease(trx, request()));
      if (lease !== undefined) await purgeUnder(lease, parts);
    } catch (error) {
      logger.error({ error }, 'abandoned uploads could not be ended');
    }
  };
}

async function purgeUnder(lease: Lease, parts: MaintenanceParts): Promise<void> {
  const { configuration, database, distribution, logger } = parts;
  const { age, dryRun } = configuration.uploadPurging;
  try {
    const uploads = await distribution.purgeUploads(Date.now() - age, { dryRun });
    const done = dryRun ? 'abandoned uploads would be ended (dryrun)' : 'abandoned uploads were ended';
    if (uploads.length > 0) logger.info({ count: uploads.length, uploads: uploads.slice(0, 100) }, done);
  } finally {
    await database.transaction((trx) => releaseLease(trx, lease));
  }
}
