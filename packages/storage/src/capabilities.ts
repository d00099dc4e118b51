import type { StorageDriver, StorageOptions } from './driver.ts';

/**
 * What only some drivers can do, each an interface of its own beside {@link StorageDriver}. Ask with the guard of the same
 * name; `checkedDriver` passes on what its driver has.
 */

/** The longest life of a signed URL, in seconds: it outlives a right that is taken away. */
export const LONGEST_SIGNED_URL = 300;

/** A driver whose files can be fetched from where they lie. */
export interface SignedUrls {
  /**
   * A URL that gives the file at `path` to whoever has it, by `method` only, for `expiresIn` seconds. More than
   * {@link LONGEST_SIGNED_URL} is cut to that. It is not checked whether there is a file: without one the URL answers 404.
   */
  signedUrl(path: string, options: SignedUrlOptions): Promise<string>;
}

export interface SignedUrlOptions extends StorageOptions {
  readonly method: 'GET' | 'HEAD';
  /** In seconds, from 1. */
  readonly expiresIn: number;
  /** The `Content-Type` of the answer. */
  readonly contentType?: string;
}

/**
 * A driver whose `move` copies the bytes. A caller that can record any path for a file leaves it where it was written and
 * never moves it. On such a driver `close({ sync: true })` makes the name durable as well as the bytes, and a file must be
 * closed in this way before `read` can give it without further work.
 */
export interface AdoptInPlace {
  readonly adoptInPlace: true;
}

/** A driver that keeps unfinished files in a way of its own, so that one whose path nobody knows any more takes up space. */
export interface Sweep {
  /**
   * Ends what is unfinished below the folder `prefix` (`''` for all) and had nothing added since `before`, and removes
   * what writers have left behind. A file that a writer closed with `sync` stays as it is.
   *
   * Resolves to the paths of what was ended, for a log: a finished file may lie at one of them, of another writer.
   */
  sweep(prefix: string, before: Date, options?: StorageOptions): Promise<string[]>;
}

export function hasSignedUrls(driver: StorageDriver): driver is StorageDriver & SignedUrls {
  return 'signedUrl' in driver;
}

export function adoptsInPlace(driver: StorageDriver): driver is StorageDriver & AdoptInPlace {
  return 'adoptInPlace' in driver;
}

export function canSweep(driver: StorageDriver): driver is StorageDriver & Sweep {
  return 'sweep' in driver;
}
