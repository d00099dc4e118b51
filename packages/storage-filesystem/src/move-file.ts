import { dirname } from 'node:path';

import { StorageError } from '@berth/storage';

import type { DurableFolders } from './durable-folders.ts';
import type { FileSystem } from './file-system.ts';

/** Renames the file and resolves when that survives a power cut. */
export async function moveFile(
  { fs, folders }: { fs: FileSystem; folders: DurableFolders },
  from: string,
  to: string,
): Promise<void> {
  if (!(await fs.stat(from)).isFile()) throw new StorageError('NOT_FOUND', 'it is not a file');
  await folders.make(dirname(to));
  await fs.rename(from, to);
  await folders.syncNames(dirname(to));
}
