import * as nodeFs from 'node:fs/promises';
import { relative } from 'node:path';

import type { FileSystem } from '../file-system.ts';

export interface RecordingFileSystem {
  readonly fs: FileSystem;
  /** `fsync <name>`, `fdatasync <name>` and `rename <name> <name>`, in the order in which they were done; the root is `.`. */
  readonly log: string[];
  /** Files that were opened and not closed. */
  openFiles(): number;
}

/** The real file system, which keeps a log. `onOpen` may make a handle fail. */
export function recordingFileSystem(
  root: string,
  onOpen: (handle: nodeFs.FileHandle, name: string) => void = () => undefined,
): RecordingFileSystem {
  const log: string[] = [];
  const nameOf = (path: unknown) => relative(root, String(path)) || '.';
  let open = 0;

  const fs: FileSystem = {
    ...nodeFs,
    async open(path, flags, mode) {
      const handle = await nodeFs.open(path, flags, mode);
      open += 1;
      onOpen(handle, nameOf(path));
      const { sync, datasync, close } = handle;
      handle.datasync = async () => {
        await datasync.call(handle);
        log.push(`fdatasync ${nameOf(path)}`);
      };
      handle.sync = async () => {
        await sync.call(handle);
        log.push(`fsync ${nameOf(path)}`);
      };
      handle.close = async () => {
        await close.call(handle);
        open -= 1;
      };
      return handle;
    },
    async rename(from, to) {
      await nodeFs.rename(from, to);
      log.push(`rename ${nameOf(from)} ${nameOf(to)}`);
    },
  };
  return { fs, log, openFiles: () => open };
}

/** An error as the system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}
