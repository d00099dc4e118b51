import { LRUCache } from 'lru-cache';
import { RateLimiterMemory } from 'rate-limiter-flexible';

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

/** Counts of failures in memory, which `rate-limiter-flexible` bounds by time alone: here they are bounded by number too. */
export function createFailureLimiter({ points, duration, most }: FailureLimiterOptions): FailureLimiter {
  const limiter = new RateLimiterMemory({ points, duration });
  const keys = new LRUCache<string, true>({
    max: most,
    dispose: (_, key, reason) => {
      if (reason === 'evict') void limiter.delete(key);
    },
  });
  return {
    waitFor: async (key) => {
      const found = await limiter.get(key);
      return found !== null && found.consumedPoints >= points ? Math.max(found.msBeforeNext, 0) : 0;
    },
    fail: async (key) => {
      keys.set(key, true);
      const { consumedPoints, msBeforeNext } = await limiter.penalty(key);
      return consumedPoints > points ? Math.max(msBeforeNext, 1) : 0;
    },
  };
}
