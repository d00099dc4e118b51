import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder of its own under the system's temporary folder. Its path is short, as unix sockets allow 107 characters, and
 * in lower case, as podman takes a part of a layout's path for an image's name.
 */
export async function temporaryFolder(): Promise<string> {
  const folder = join(tmpdir(), `berth-${randomBytes(6).toString('hex')}`);
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

/** Removes a folder with all that is in it. An engine that was just stopped may still let go of a mount. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
