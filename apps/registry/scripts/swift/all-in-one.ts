import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { serverAt, type S3Server } from '@berth/storage-s3/testing';
import { runOk } from '../../test/support/command.ts';
import { freePort } from '@berth/storage-s3/testing';
import { removeFolder, temporaryFolder } from '../../test/support/temporary.ts';
import { until } from '../../test/support/waiting.ts';
import { proxySettings, servers, serverSettings, type SwiftServer, type SwiftSettings } from './settings.ts';

/** OpenStack Swift on this machine, reached as S3. `stop` ends every process and removes every file. */
export interface Swift extends S3Server {
  /** What its servers have written. */
  output(): string;
}

/** Starts the programs of Swift and memcached, which are on the PATH, in a folder of their own. */
export async function startSwift(): Promise<Swift> {
  const settings = await newSettings();
  const running: Running[] = [];
  const stop = async () => {
    await Promise.all(running.map((program) => program.stop()));
    await removeFolder(settings.folder);
  };
  try {
    await mkdir(join(settings.folder, 'devices/d1'), { recursive: true });
    for (const server of servers) await makeRing(server, settings);
    running.push(startMemcached(settings));
    for (const server of [...servers, 'proxy'] as const) {
      const program = await startServer(server, settings);
      running.push(program);
      await untilItAnswers(settings.ports[server], program);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const { ports, secret } = settings;
  const endpoint = `http://127.0.0.1:${ports.proxy}`;
  const credentials = { accessKeyId: 'test:tester', secretAccessKey: secret };
  const output = () => running.map((program) => program.output()).join('');
  return { ...serverAt({ endpoint, credentials }, 'berth', stop), output };
}

async function newSettings(): Promise<SwiftSettings> {
  const [account, container, object, proxy, memcached] = await Promise.all(
    Array.from({ length: 5 }, freePort),
  );
  return {
    folder: await temporaryFolder(),
    user: userInfo().username,
    secret: randomBytes(20).toString('hex'),
    ports: {
      account: account!,
      container: container!,
      object: object!,
      proxy: proxy!,
      memcached: memcached!,
    },
  };
}

/** Sixteen partitions, one replica, one device. */
async function makeRing(server: SwiftServer, { folder, ports }: SwiftSettings): Promise<void> {
  const builder = join(folder, `${server}.builder`);
  const device = `r1z1-127.0.0.1:${ports[server]}/d1`;
  for (const step of [['create', '4', '1', '0'], ['add', device, '1'], ['rebalance']])
    await runOk('swift-ring-builder', [builder, ...step]);
}

async function startServer(server: SwiftServer | 'proxy', settings: SwiftSettings): Promise<Running> {
  const file = join(settings.folder, `${server}-server.conf`);
  await writeFile(file, server === 'proxy' ? proxySettings(settings) : serverSettings(server, settings));
  return start(`swift-${server}-server`, [file, 'verbose']);
}

async function untilItAnswers(port: number, program: Running): Promise<void> {
  await until(`Swift to answer on port ${port}`, async () => {
    if (program.hasEnded()) throw new Error(`a server of Swift has ended:\n${program.output()}`);
    return fetch(`http://127.0.0.1:${port}/healthcheck`).catch(() => undefined);
  });
}

function startMemcached({ user, ports }: SwiftSettings): Running {
  return start('memcached', ['-l', '127.0.0.1', '-p', String(ports.memcached), '-u', user]);
}

interface Running {
  output(): string;
  hasEnded(): boolean;
  stop(): Promise<void>;
}

function start(program: string, args: readonly string[]): Running {
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text) => (output += String(text)));
  const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  child.on('error', (error) => (output += `${error.message}\n`));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  return {
    output: () => output,
    hasEnded,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
