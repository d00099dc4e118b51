import { constants } from 'node:fs';
import type * as nodeFs from 'node:fs/promises';

/** What the driver asks of `node:fs/promises`; a test passes one that records or fails. */
export type FileSystem = Pick<
  typeof nodeFs,
  'mkdir' | 'open' | 'readdir' | 'rename' | 'rm' | 'stat' | 'statfs'
>;

/** Readable by the group, so that a backup needs no root. */
export const FILE_MODE = 0o640;
export const FOLDER_MODE = 0o750;

/**
 * To open a file. A named pipe is not waited for until somebody comes to its other end: four of them would occupy all
 * the threads that the process has for files. Of a file the flag says nothing.
 */
export const READING = constants.O_RDONLY | constants.O_NONBLOCK;
export const APPENDING = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
