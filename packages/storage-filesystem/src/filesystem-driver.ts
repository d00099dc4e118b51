import * as nodeFs from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { checkedDriver, type StorageDriver } from '@berth/storage';

import { BufferPool } from './buffer-pool.ts';
import { DurableFolders } from './durable-folders.ts';
import { openAppender } from './file-appender.ts';
import type { FileSystem } from './file-system.ts';
import { listFiles } from './list-files.ts';
import { moveFile } from './move-file.ts';
import { nativeCode, unlessMissing } from './native-errors.ts';
import { readFile } from './read-file.ts';

/** Of 1 MiB each: sixteen readers at full speed, which have two of them. */
const LARGE_BUFFERS = 32;

export interface FilesystemDriverOptions {
  /** Made by the first write where it does not exist. */
  readonly rootDirectory: string;
  /** Files are not written where less than this stays free on the disk, in bytes; 0 where absent. */
  readonly reserve?: number;
  /** In the place of `node:fs/promises`. */
  readonly fs?: FileSystem;
}

/** Keeps files below a folder of the local disk. Symbolic links in it are followed. */
export function filesystemDriver({
  rootDirectory,
  reserve = 0,
  fs = nodeFs,
}: FilesystemDriverOptions): StorageDriver {
  const root = resolve(rootDirectory);
  const folders = new DurableFolders(fs, root);
  const pool = new BufferPool(LARGE_BUFFERS);
  const at = (path: string) => join(root, path);

  const driver: StorageDriver = {
    async stat(path) {
      const stat = await unlessMissing(() => fs.stat(at(path)), null);
      return stat?.isFile() ? { size: stat.size } : null;
    },
    read: (path, options) => readFile({ fs, pool }, at(path), options),
    append: (path) => openAppender({ fs, folders, reserve }, at(path)),
    move: (from, to) => moveFile({ fs, folders }, at(from), at(to)),
    async delete(path) {
      await unlessMissing(() => fs.rm(at(path), { recursive: true, force: true }), undefined);
      folders.forget(at(path));
    },
    list: (prefix) => listFiles(fs, at(prefix), prefix),
  };
  return checkedDriver(driver, nativeCode);
}
