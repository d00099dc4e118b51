import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { plainEnvironment } from '../program.ts';
import type { Place, Server, ServerKind } from './server.ts';

/** Milliseconds until a server has to answer, and until one that was asked to stop is killed. */
const startLimit = 30_000;
const stopLimit = 15_000;

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it writes when it is ready; where it says nothing, an answer of `/v2/` is enough. */
  readonly greeting?: string;
  /** Absent where the registry is open. */
  readonly authorize?: (url: string, scopes: readonly string[]) => Promise<Record<string, string>>;
}

/** Starts the command in its place, and resolves when `/v2/` answers. What it writes goes to a file of the folder. */
export async function startServer(
  { name, title }: Pick<ServerKind, 'name' | 'title'>,
  { file, args, env, greeting = '', authorize }: Command,
  { folder, port, signal }: Place,
): Promise<Server> {
  const url = `http://127.0.0.1:${port}`;
  const output = join(folder, 'output');
  await using log = await open(output, 'a');
  const child = spawn(file, args, {
    cwd: folder,
    env: plainEnvironment(env),
    stdio: ['ignore', log.fd, log.fd],
  });
  const stop = () => end(child);
  try {
    await once(child, 'spawn');
    await answers(child, url, signal);
    await waitUntil(child, signal, async () => (await readFile(output, 'utf8')).includes(greeting));
  } catch (error) {
    await stop();
    throw new Error(`${title} did not start:\n${await readFile(output, 'utf8')}`, { cause: error });
  }
  return {
    name,
    title,
    url,
    pid: child.pid!,
    stop,
    authorize: async (scopes) => (await authorize?.(url, scopes)) ?? {},
  };
}

async function answers(child: ChildProcess, url: string, signal: AbortSignal): Promise<void> {
  await waitUntil(child, signal, async () => {
    const answer = await fetch(`${url}/v2/`, { signal }).catch(() => undefined);
    await answer?.body?.cancel();
    return answer?.status === 200 || answer?.status === 401;
  });
}

async function waitUntil(
  child: ChildProcess,
  signal: AbortSignal,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const limit = Date.now() + startLimit;
  while (!(await isReady())) {
    if (hasEnded(child)) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    if (Date.now() > limit) throw new Error(`it was not ready in ${startLimit} ms`);
    await sleep(50, undefined, { signal });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), stopLimit);
  await ended;
  clearTimeout(killer);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
