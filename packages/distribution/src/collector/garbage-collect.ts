import type { JobControl } from '../jobs/jobs.ts';
import type { StoreContext } from '../stores/context.ts';
import { Collector, type Collected } from './collector.ts';
import { forecast } from './forecast.ts';
import { countRecent } from '../metadata/reviews.ts';
import { deleteUntagged } from './untagged.ts';

export interface GarbageOptions {
  /** Says what would go, and changes nothing. */
  readonly dryRun: boolean;
  /** Manifests that no tag needs go too. */
  readonly deleteUntagged: boolean;
  /** Also what a push that is under way may need. */
  readonly includeRecent: boolean;
}

export interface GarbageReport extends Collected {
  /** Manifests that no tag needed. */
  readonly untagged: number;
  /** Blobs without a manifest that were left, since a push sent them or asked for them a moment ago. */
  readonly recent: number;
}

/** A push takes no longer from its first blob to its manifest, or asks again, in milliseconds. */
export const recentTime = 600_000;

/** Collects now what is due now or later. */
export async function collectGarbage(
  context: StoreContext,
  options: GarbageOptions,
  control: JobControl,
): Promise<GarbageReport> {
  const { signal } = control;
  const now = context.now();
  const usedBefore = options.includeRecent ? now : now - recentTime;
  const { database } = context;
  if (options.dryRun) return forecast(database.reader, { ...options, usedBefore, signal });
  const untagged = options.deleteUntagged
    ? await deleteUntagged(context, {
        putBefore: usedBefore,
        signal,
        progress: (count) => control.report({ untagged: count }),
      })
    : 0;
  const collected = await new Collector(context).run({
    due: { before: Number.MAX_SAFE_INTEGER, usedBefore },
    signal,
    progress: (sum) => control.report({ untagged, ...sum }),
  });
  return { untagged, ...collected, recent: await countRecent(database.reader, usedBefore) };
}
