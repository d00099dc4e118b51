import type * as nodeFs from 'node:fs/promises';

/** What the driver asks of `node:fs/promises`; a test passes one that records or fails. */
export type FileSystem = Pick<
  typeof nodeFs,
  'mkdir' | 'open' | 'readdir' | 'rename' | 'rm' | 'stat' | 'statfs'
>;

/** Readable by the group, so that a backup needs no root. */
export const FILE_MODE = 0o640;
export const FOLDER_MODE = 0o750;
