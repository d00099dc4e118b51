import type { StorageErrorCode } from '@berth/storage';

const CODES: ReadonlyMap<unknown, StorageErrorCode> = new Map([
  ['ENOENT', 'NOT_FOUND'],
  ['ENOTDIR', 'NOT_FOUND'],
  // A symbolic link that names itself names nothing.
  ['ELOOP', 'NOT_FOUND'],
  // A socket, and a named pipe at whose other end nobody is: no file.
  ['ENXIO', 'NOT_FOUND'],
  ['ENOSPC', 'NO_SPACE'],
  ['EDQUOT', 'NO_SPACE'],
  ['EACCES', 'ACCESS_DENIED'],
  ['EPERM', 'ACCESS_DENIED'],
  ['EROFS', 'ACCESS_DENIED'],
]);

/** The code of an error of `node:fs`; `undefined` where there is none of its own. */
export function nativeCode(error: unknown): StorageErrorCode | undefined {
  return error instanceof Error && 'code' in error ? CODES.get(error.code) : undefined;
}

/** The answer of `run`, or `absent` where the path, or a folder on its way, does not exist. */
export async function unlessMissing<T, A>(run: () => Promise<T>, absent: A): Promise<T | A> {
  try {
    return await run();
  } catch (error) {
    if (nativeCode(error) === 'NOT_FOUND') return absent;
    throw error;
  }
}
