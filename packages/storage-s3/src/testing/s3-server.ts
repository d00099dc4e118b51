import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { CreateBucketCommand } from '@aws-sdk/client-s3';

import { s3Client } from '../client.ts';
import type { S3Credentials, S3DriverOptions } from '../options.ts';

/** A real S3 server. */
export interface S3Server {
  /** Such as `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly credentials: S3Credentials;
  /** Options of a driver on a new bucket. */
  newBucket(): Promise<S3DriverOptions>;
  stop(): Promise<void>;
}

/** Starts versitygw, whose buckets are folders: `program`, which `findProgram('versitygw')` found, in a folder of its own. */
export async function startS3Server(program: string): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-s3-'));
  for (const name of ['data', 'sidecar']) await mkdir(join(folder, name));
  const credentials = { accessKeyId: 'berth-tests', secretAccessKey: randomBytes(20).toString('hex') };
  const port = await freePort();
  const args = [
    '--port',
    `127.0.0.1:${port}`,
    '--quiet',
    'posix',
    '--sidecar',
    join(folder, 'sidecar'),
    join(folder, 'data'),
  ];
  const child = spawn(program, args, {
    env: { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (text) => (output += String(text)));
  const ended = once(child, 'exit');
  const endpoint = `http://127.0.0.1:${port}`;
  await untilItAnswers(endpoint, () => (child.exitCode === null ? undefined : output));
  return serverAt({ endpoint, credentials }, 'bucket', async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
}

/** A server that runs. Its buckets are called `<prefix>-<number>`. */
export function serverAt(
  address: Pick<S3Server, 'endpoint' | 'credentials'>,
  prefix: string,
  stop: () => Promise<void>,
): S3Server {
  let buckets = 0;
  return {
    ...address,
    async newBucket() {
      buckets += 1;
      const options = { bucket: `${prefix}-${buckets}`, ...address };
      const client = s3Client(options);
      await client.send(new CreateBucketCommand({ Bucket: options.bucket }));
      client.destroy();
      return options;
    },
    stop,
  };
}

async function untilItAnswers(endpoint: string, failure: () => string | undefined): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const output = failure();
    if (output !== undefined) throw new Error(`versitygw has ended: ${output}`);
    if (await fetch(endpoint).catch(() => undefined)) return;
    await sleep(50);
  }
  throw new Error('versitygw does not answer');
}

/**
 * A port for a program that cannot choose one itself. It is none of those that the system gives to sockets that ask for any
 * (Linux: from 32,768 on): one of these could take it before the program does, or while the program starts again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(16_384, 32_768);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
