import type { Dirent } from 'node:fs';
import { join } from 'node:path';

import { isPathSegment } from '@berth/storage';

import type { FileSystem } from './file-system.ts';
import { unlessMissing } from './native-errors.ts';

/** The storage paths of the files below `folder`, whose own path is `prefix`. Follows symbolic links. */
export async function* listFiles(fs: FileSystem, folder: string, prefix: string): AsyncGenerator<string> {
  const entries = await unlessMissing(() => fs.opendir(folder), []);
  for await (const entry of entries) {
    if (!isPathSegment(entry.name)) continue;
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    const kind = await kindOf(fs, entry);
    if (kind?.isDirectory()) yield* listFiles(fs, join(folder, entry.name), path);
    if (kind?.isFile()) yield path;
  }
}

/** Of a symbolic link, what it points to; `null` where that does not exist. */
async function kindOf(fs: FileSystem, entry: Dirent): Promise<Pick<Dirent, 'isDirectory' | 'isFile'> | null> {
  if (!entry.isSymbolicLink()) return entry;
  return unlessMissing(() => fs.stat(join(entry.parentPath, entry.name)), null);
}
