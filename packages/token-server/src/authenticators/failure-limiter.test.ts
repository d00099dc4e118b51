import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFailureLimiter } from './failure-limiter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('memory is bounded: the key that failed the longest ago is forgotten', async () => {
  const limiter = createFailureLimiter({ points: 1, duration: 60, most: 3 });
  for (const key of ['a', 'b', 'a', 'c', 'd']) await limiter.fail(key);
  expect(await limiter.waitFor('b')).toBe(0);
  for (const key of ['a', 'c', 'd']) expect(await limiter.waitFor(key)).toBe(60_000);
});

test('from a failure on there are so many answers, then none until its time is over', async () => {
  const waits = fc.array(fc.nat(30_000), { maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(waits, fc.integer({ min: 1, max: 5 }), async (steps, points) => {
      const limiter = createFailureLimiter({ points, duration: 60, most: 10 });
      let begun = -Infinity;
      let failures = 0;
      for (const step of steps) {
        vi.advanceTimersByTime(step);
        const now = Date.now();
        if (now - begun >= 60_000) [begun, failures] = [now, 0];
        const wait = failures >= points ? begun + 60_000 - now : 0;
        expect(await limiter.waitFor('key')).toBe(wait);
        expect(await limiter.fail('key')).toBe(wait);
        failures += 1;
      }
    }),
  );
});
