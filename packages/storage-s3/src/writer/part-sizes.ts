import { LARGEST_PART } from '../options.ts';

/** Of S3: parts of one upload. */
export const MOST_PARTS = 10_000;
/** After so many parts they are twice as large: with 10 MiB at first, 10,000 of them are 9.8 TiB. */
const PARTS_OF_ONE_SIZE = 1000;

/**
 * Bytes of part `number`, from 1. It depends on nothing but the number, so that another process goes on alike; and it
 * stays the same as long as it can, since some servers (Cloudflare's R2) want parts of one size.
 */
export function partSize(chunkSize: number, number: number): number {
  return Math.min(LARGEST_PART, chunkSize * 2 ** Math.floor((number - 1) / PARTS_OF_ONE_SIZE));
}
