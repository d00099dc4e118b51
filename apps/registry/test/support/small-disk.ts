import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { run } from './command.ts';
import { isRequired } from './require.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';

/** A disk of its own, in memory. */
export interface SmallDisk {
  readonly folder: string;
  remove(): Promise<void>;
}

/** `undefined` where this machine does not let us mount one. */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk | undefined> {
  const root = await temporaryFolder();
  const folder = join(root, 'disk');
  await mkdir(folder);
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]).catch(
    () => undefined,
  );
  if (mounted?.code !== 0) {
    await removeFolder(root);
    return undefined;
  }
  return {
    folder,
    async remove() {
      await run('umount', [folder]);
      await removeFolder(root);
    },
  };
}

/** Whether {@link mountSmallDisk} works here; where `BERTH_TEST_REQUIRE` names `small-disk` a test fails if it does not. */
export async function canMount(): Promise<boolean> {
  const disk = await mountSmallDisk(1);
  await disk?.remove();
  const can = disk !== undefined;
  if (isRequired('small-disk')) {
    test('small-disk is here, as BERTH_TEST_REQUIRE demands', () => {
      if (!can) throw new Error('BERTH_TEST_REQUIRE names small-disk, but no tmpfs can be mounted');
    });
  } else if (!can) test.skip('needs small-disk: no tmpfs can be mounted');
  return can;
}
