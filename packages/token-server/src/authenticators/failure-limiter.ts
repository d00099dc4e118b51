import { LRUCache } from 'lru-cache';
import type { RateLimiterMemory } from 'rate-limiter-flexible';
import { atMost } from '../at-most.ts';

export interface FailureLimiterOptions {
  /** So many failures of one key are answered; the next are refused. */
  readonly points: number;
  /** From the first of them until they are forgotten, in seconds. */
  readonly duration: number;
  /** Of keys; the one that failed the longest ago is forgotten for a newer one. */
  readonly most: number;
}

export interface FailureLimiter {
  /** Milliseconds until a failure of this key is answered again; 0: it is now. */
  waitFor(key: string): Promise<number>;
  /** Counts a failure, and resolves to the milliseconds to wait where it was one too many; 0: it was not. */
  fail(key: string): Promise<number>;
}

/**
 * Counts of failures in memory, which `rate-limiter-flexible` bounds by time alone: here they are bounded by number too.
 * It is loaded with the first failure: it takes 40 ms.
 */
export function createFailureLimiter({ points, duration, most }: FailureLimiterOptions): FailureLimiter {
  let loaded: Promise<RateLimiterMemory> | undefined;
  const load = async () => {
    const { RateLimiterMemory } = await import('rate-limiter-flexible');
    return new RateLimiterMemory({ points, duration });
  };
  const keys = new LRUCache<string, true>({
    ...atMost(most),
    dispose: (_, key, reason) => {
      if (reason === 'evict') void loaded?.then((limiter) => limiter.delete(key));
    },
  });
  return {
    waitFor: async (key) => {
      const found = await (await loaded)?.get(key);
      return found && found.consumedPoints >= points ? Math.max(found.msBeforeNext, 0) : 0;
    },
    fail: async (key) => {
      const limiter = await (loaded ??= load());
      keys.set(key, true);
      const { consumedPoints, msBeforeNext } = await limiter.penalty(key);
      return consumedPoints > points ? Math.max(msBeforeNext, 1) : 0;
    },
  };
}
