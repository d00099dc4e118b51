import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes the folder, with those above it that do not exist, and resolves when a power cut leaves them there: whatever is
 * synced in a folder is lost with its name.
 */
export async function makeFolder(folder: string, sync = syncFolder): Promise<void> {
  const first = await mkdir(resolve(folder), { recursive: true, mode: 0o750 });
  if (first === undefined) return;
  for (let made = resolve(folder); made.length >= first.length; made = dirname(made)) {
    await sync(dirname(made));
  }
}

/** A folder may let us make a name in it, and not read it: then its names are for its owner to keep. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES') return undefined;
    throw error;
  });
  await handle?.sync();
}
