/**
 * Lets a real Docker engine push and pull an image with one big layer through a Berth whose blobs are in S3 (versitygw),
 * and prints how long it took and how much memory the server held at most:
 *
 *   BERTH_TEST_BIN=<folder of versitygw> node --conditions=source apps/registry/scripts/docker-s3.ts [GiB]
 *
 * As root, on Linux: an engine of its own is started, and /proc is read. Pulls pass through the server, without redirects.
 */
import { createWriteStream } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { findProgram as findIn } from '@berth/storage/testing';
import { processEnvironment } from '../src/config/process.ts';
import { startBerth } from '../test/support/berth-process.ts';
import { startDockerEngine } from '../test/support/docker-engine.ts';
import { removeImages } from '../test/support/image.ts';
import { bucketSettings, startBucketServer } from '../test/support/s3.ts';
import { removeFolder, temporaryFolder } from '../test/support/temporary.ts';

const mebibytes = Number(process.argv[2] ?? 1) * 1024;
const password = randomBytes(16).toString('hex');

const folder = await temporaryFolder();
const server = await startBucketServer({ versitygw: await program('versitygw') });
const { bucket } = await server.newBucket();
const env = { ...bucketSettings(server, bucket, folder), REGISTRY_STORAGE_REDIRECT_DISABLE: 'true' };
const berth = await startBerth({ env: { ...env, BERTH_ADMIN_PASSWORD: password } });
const engine = await startDockerEngine({
  dockerd: await program('dockerd'),
  docker: await program('docker'),
});
try {
  const client = await engine.client('big');
  const image = `${berth.host}/team/big:1`;
  await client.dockerOk(['login', '--username', 'admin', '--password-stdin', berth.host], {
    input: password,
  });
  await writeContext(join(folder, 'layer'));
  await client.dockerOk(['build', '--quiet', '--tag', image, folder], { timeout: 600_000 });
  await timed('push', () => client.dockerOk(['push', image], { timeout: 600_000 }));
  await removeImages(client);
  await timed('pull', () => client.dockerOk(['pull', image], { timeout: 600_000 }));
  const status = await readFile(`/proc/${berth.pid}/status`, 'utf8');
  console.log(`at most  ${Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1000)} MB resident`);
} finally {
  await engine.stop();
  await berth.remove();
  await server.stop();
  await removeFolder(folder);
}

async function program(name: string): Promise<string> {
  const found = await findIn(name, processEnvironment());
  if (found === undefined) throw new Error(`${name} is not here`);
  return found;
}

async function writeContext(file: string): Promise<void> {
  const out = createWriteStream(file);
  for (let written = 0; written < mebibytes; written += 1) {
    if (!out.write(randomBytes(1024 * 1024))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY layer /layer\n');
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  console.log(`${what}     ${seconds.toFixed(1)} s, ${Math.round(mebibytes / seconds)} MiB/s`);
}
