/**
 * Tries the S3 driver, and a whole Berth, on the S3 interface of OpenStack Swift (s3api), which it starts in a folder of its
 * own with one replica on one device; prints a line for each thing that was tried:
 *
 *   apt-get install --no-install-recommends swift-proxy swift-account swift-container swift-object memcached
 *   node --conditions=source apps/registry/scripts/swift.ts [suite | berth, both where absent]
 *
 * `suite` is that of `packages/storage-s3`, which `BERTH_TEST_S3_ENDPOINT`, `BERTH_TEST_S3_ACCESS_KEY` and
 * `BERTH_TEST_S3_SECRET_KEY` point at any other server too. The file system of the temporary folder must have extended
 * attributes, and `/etc/swift/swift.conf` must be readable. What was found is in `docs/storage.md`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { processEnvironment } from '../src/config/process.ts';
import { startSwift, type Swift } from './swift/all-in-one.ts';
import { tryBerth } from './swift/whole-berth.ts';

const [only] = process.argv.slice(2);
const root = resolve(import.meta.dirname, '../../..');

const swift = await startSwift();
const stopEarly = () => void swift.stop().finally(() => process.exit(1));
process.once('SIGINT', stopEarly).once('SIGTERM', stopEarly);
try {
  const failed: string[] = [];
  if (only !== 'berth' && !(await passesSuite(swift))) failed.push('the suite of the driver');
  if (only !== 'suite') failed.push(...(await tryBerth(swift)));
  console.log(failed.length === 0 ? 'all of it works' : `failed: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  await swift.stop();
}

async function passesSuite({ endpoint, credentials }: Swift): Promise<boolean> {
  const vitest = resolve(root, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--reporter=verbose', '--fileParallelism=false'], {
    cwd: resolve(root, 'packages/storage-s3'),
    env: {
      ...processEnvironment(),
      BERTH_TEST_S3_ENDPOINT: endpoint,
      BERTH_TEST_S3_ACCESS_KEY: credentials.accessKeyId,
      BERTH_TEST_S3_SECRET_KEY: credentials.secretAccessKey,
    },
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}
