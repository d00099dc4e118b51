import { randomUUID } from 'node:crypto';
import { releaseLease, takeLease } from '@berth/database';
import type { Distribution } from '@berth/distribution';
import type { Parts } from './parts.ts';
import { tokenTasks } from './token-upkeep.ts';

/** The first look is no later, in milliseconds, and at random, so that processes started together do not look together. */
const firstDelay = 60_000;

/** The longest that a timer of Node waits; a longer one would end at once. */
const longestDelay = 2 ** 31 - 1;

/** A process that died at its work keeps others from it no longer, in milliseconds; the same twice at once does no harm. */
const leaseDuration = 600_000;

/** How often the queues are looked at, in milliseconds: nothing is written where nothing is due. */
const collectionInterval = 5_000;

/** Something that is done again and again, in one process at a time. */
export interface Task {
  /** The name of its lease. */
  readonly lease: string;
  /** Milliseconds from the end of one run to the next. */
  readonly interval: number;
  /** Whether there is anything to do: asked before anything is written. */
  readonly isDue?: () => Promise<boolean>;
  /** What the log says where it fails; it is tried again the next time. */
  readonly failure: string;
  /** Begins nothing more once the signal is aborted. */
  work(signal: AbortSignal): Promise<void>;
}

export interface Maintenance {
  /** Starts nothing more, and resolves when what runs has ended. */
  stop(): Promise<void>;
}

export type MaintenanceParts = Pick<
  Parts,
  'configuration' | 'database' | 'distribution' | 'tokenServer' | 'logger'
>;

export function startMaintenance(parts: MaintenanceParts): Maintenance {
  const end = new AbortController();
  const tasks = [...uploadTasks(parts), ...collectionTasks(parts), ...tokenTasks(parts)];
  const running = tasks.map((task) => repeat(task.interval, underLease(task, parts, end.signal)));
  return {
    async stop() {
      end.abort();
      await Promise.all(running.map((each) => each.stop()));
    },
  };
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

function underLease(task: Task, { database, logger }: MaintenanceParts, signal: AbortSignal) {
  const owner = randomUUID();
  const request = () => ({ name: task.lease, owner, now: Date.now(), duration: leaseDuration });
  return async () => {
    try {
      if (task.isDue !== undefined && !(await task.isDue())) return;
      const lease = await database.transaction((trx) => takeLease(trx, request()));
      if (lease === undefined) return;
      try {
        await task.work(signal);
      } finally {
        await database.transaction((trx) => releaseLease(trx, lease));
      }
    } catch (error) {
      logger.error({ error }, task.failure);
    }
  };
}

/** Abandoned uploads are ended, or only logged. */
function uploadTasks(parts: MaintenanceParts): Task[] {
  const { distribution } = parts;
  const { enabled, interval } = parts.configuration.uploadPurging;
  if (distribution === undefined || !enabled || parts.configuration.readOnly) return [];
  const failure = 'abandoned uploads could not be ended';
  const work = () => purgeUploads(parts, distribution);
  return [{ lease: 'purge-uploads', interval, failure, work }];
}

async function purgeUploads(
  { configuration, logger }: MaintenanceParts,
  distribution: Distribution,
): Promise<void> {
  const { age, dryRun } = configuration.uploadPurging;
  const uploads = await distribution.purgeUploads(Date.now() - age, { dryRun });
  const done = dryRun ? 'abandoned uploads would be ended (dryrun)' : 'abandoned uploads were ended';
  if (uploads.length > 0) logger.info({ count: uploads.length, uploads: uploads.slice(0, 100) }, done);
}

/** What nothing needs any more goes while everything is served. */
function collectionTasks({ configuration, distribution, logger }: MaintenanceParts): Task[] {
  const { garbageCollection, readOnly } = configuration;
  if (distribution === undefined || !garbageCollection.enabled || readOnly) return [];
  const work = async (signal: AbortSignal) => {
    const { blobs, bytes } = await distribution.collect(signal);
    if (blobs > 0) logger.info({ blobs, bytes }, 'blobs that nothing needed were deleted');
  };
  return [
    {
      lease: 'collection',
      interval: collectionInterval,
      failure: 'what nothing needs could not be deleted',
      isDue: () => distribution.isCollectionDue(),
      work,
    },
  ];
}
