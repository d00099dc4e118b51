import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own under the system's temporary folder. Its path is short: unix sockets allow 107 characters. */
export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'berth-'));
}

/** Removes a folder with all that is in it. An engine that was just stopped may still let go of a mount. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
