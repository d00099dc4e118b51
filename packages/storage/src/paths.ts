import { StorageError } from './errors.ts';

const SEGMENT = /^[A-Za-z0-9._-]{1,255}$/;
/** S3 ends a key at 1,024 bytes; the rest is left to a driver's own prefix. */
const LONGEST_PATH = 768;

/** Whether `name` can be one segment of a path. A driver's `list` skips what cannot, such as `lost+found`. */
export function isPathSegment(name: string): boolean {
  return SEGMENT.test(name) && name !== '.' && name !== '..';
}

/** Throws `INVALID_PATH` unless `path` is one that {@link StorageDriver} describes. */
export function checkPath(path: string): void {
  if (path.length > LONGEST_PATH || !path.split('/').every(isPathSegment)) {
    throw new StorageError(
      'INVALID_PATH',
      `not a storage path: ${JSON.stringify(path.slice(0, LONGEST_PATH))}`,
    );
  }
}
