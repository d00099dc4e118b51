import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandOptions, type CommandResult, run } from './command.ts';
import type { Tool } from './require.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';
import { until } from './waiting.ts';

/** One person at an engine: the logins are his own. */
export interface DockerClient {
  /** Runs `docker` with the arguments, against the engine. */
  docker(
    args: readonly string[],
    options?: Pick<CommandOptions, 'input' | 'timeout'>,
  ): Promise<CommandResult>;
  /** The same, and an exit code other than 0 is an error. Gives the standard output. */
  dockerOk(args: readonly string[], options?: Pick<CommandOptions, 'input' | 'timeout'>): Promise<string>;
}

export interface DockerEngine {
  /** Somebody without logins. */
  client(name: string): Promise<DockerClient>;
  stop(): Promise<void>;
}

/**
 * Starts a Docker engine of its own in a temporary folder, with its own containerd. It makes no bridge and no firewall
 * rules, so that nothing of the host changes, and any number of them run beside each other. Needs root.
 */
export async function startDockerEngine(programs: Tool): Promise<DockerEngine> {
  const folder = await temporaryFolder();
  const host = `unix://${join(folder, 'docker.sock')}`;
  const daemon = spawn(programs['dockerd']!, daemonArguments(folder, host), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(join(folder, 'dockerd.log'));
  daemon.stdout.pipe(log, { end: false });
  daemon.stderr.pipe(log, { end: false });
  const stop = async () => {
    await end(daemon);
    log.end();
    await removeFolder(folder);
  };
  try {
    await answers(programs['docker']!, host, daemon);
  } catch (error) {
    const lines = await readFile(join(folder, 'dockerd.log'), 'utf8');
    await stop();
    throw new Error(`dockerd does not answer:\n${lines.slice(-2000)}`, { cause: error });
  }
  return { client: (name) => client(programs['docker']!, host, join(folder, 'clients', name)), stop };
}

function daemonArguments(folder: string, host: string): string[] {
  return [
    `--host=${host}`,
    `--pidfile=${join(folder, 'docker.pid')}`,
    `--data-root=${join(folder, 'data')}`,
    `--exec-root=${join(folder, 'exec')}`,
    // vfs works on any file system, also where the temporary folder is an overlay itself.
    '--storage-driver=vfs',
    '--bridge=none',
    '--iptables=false',
    '--ip6tables=false',
    '--ip-forward=false',
    '--ip-masq=false',
  ];
}

async function answers(docker: string, host: string, daemon: ChildProcess): Promise<void> {
  await until('dockerd', async () => {
    if (daemon.exitCode !== null) throw new Error(`dockerd ended with ${daemon.exitCode}`);
    const { code } = await run(docker, ['--host', host, 'version'], { timeout: 10_000 });
    return code === 0 ? true : undefined;
  });
}

async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const exited = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  await exited;
}

async function client(docker: string, host: string, folder: string): Promise<DockerClient> {
  await mkdir(folder, { recursive: true });
  // The classic builder is part of the engine; BuildKit needs a plugin that Debian does not install.
  const env = { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: folder, DOCKER_BUILDKIT: '0' };
  const start: DockerClient['docker'] = (args, options) => run(docker, args, { ...options, env });
  return {
    docker: start,
    async dockerOk(args, options) {
      const result = await start(args, options);
      if (result.code !== 0)
        throw new Error(`docker ${args.join(' ')} ended with ${result.code}:\n${result.output}`);
      return result.stdout;
    },
  };
}
