import type { KeyAlgorithm } from '@berth/protocol';
import type { IsDue } from './keys.ts';

/**
 * Whether each key has signed for `every` milliseconds when the next one does, which is published `publishBefore`
 * milliseconds earlier. One that waits for its time, as after `berth keys rotate --from`, puts that off.
 */
export function isOld({ every, publishBefore }: { every: number; publishBefore: number }): IsDue {
  return ([last], now) => last !== undefined && now >= last.signs_from + every - publishBefore;
}

/** Whether the key that signs last is not of the algorithm that is configured. */
export function isOfAnother(algorithm: KeyAlgorithm): IsDue {
  return ([last]) => last !== undefined && last.algorithm !== algorithm;
}
