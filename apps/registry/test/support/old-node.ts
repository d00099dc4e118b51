import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from './command.ts';

/** A Node of this machine that is older than Berth needs; undefined where there is none. */
export async function findOldNode(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'node');
    const missing = await access(path).then(
      () => false,
      () => true,
    );
    if (missing) continue;
    const { stdout } = await run(path, ['--version']);
    if (Number(/^v(\d+)\./.exec(stdout)?.[1]) < 24) return path;
  }
  return undefined;
}
