export {
  adoptsInPlace,
  canSweep,
  hasSignedUrls,
  LONGEST_SIGNED_URL,
  type AdoptInPlace,
  type SignedUrlOptions,
  type SignedUrls,
  type Sweep,
} from './capabilities.ts';
export { checkedDriver } from './checked-driver.ts';
export type { FileStat, FileWriter, ReadOptions, StorageDriver, StorageOptions } from './driver.ts';
export { StorageError, type StorageErrorCode } from './errors.ts';
export type { NativeCode } from './foreign-errors.ts';
export { memoryDriver } from './memory-driver.ts';
export { isPathSegment } from './paths.ts';
export { rangeWithin, type ByteRange } from './ranges.ts';
