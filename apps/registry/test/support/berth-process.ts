import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join, resolve } from 'node:path';
import { type CommandOptions, type CommandResult, run } from './command.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';
import { until } from './waiting.ts';

const launcher = resolve(import.meta.dirname, '../../bin/berth.js');
const listening = /Berth listens on (http:\/\/\S+)/;

export interface BerthOptions {
  /** Added to the environment of the server and of the command line. */
  readonly env?: Readonly<Record<string, string>>;
  /** The data folder; without it a new one, removed by `remove()`. */
  readonly folder?: string;
  /** `storage: none`: the data folder is the default one, below the folder in which it is started. */
  readonly withoutStorage?: boolean;
}

/** How a process ended, and how long it took from the signal, in milliseconds. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly milliseconds: number;
}

/** Somebody with his password, or with a personal access token in its place. */
export interface Person {
  readonly name: string;
  readonly password: string;
}

/** The real server as a child process. */
export interface BerthProcess {
  readonly folder: string;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** `localhost:<port>`, as an image's name begins. */
  readonly host: string;
  readonly pid: number;
  /** What it has written to both streams until now. */
  output(): string;
  /** Runs the `berth` command on the same machine: same data folder, no `--server`. */
  berth(args: readonly string[], options?: Pick<CommandOptions, 'input'>): Promise<CommandResult>;
  /** Runs it as from another machine: with `--server`, logged in as somebody. */
  berthAs(
    who: Person,
    args: readonly string[],
    options?: Pick<CommandOptions, 'input'>,
  ): Promise<CommandResult>;
  stop(signal?: NodeJS.Signals): Promise<Ending>;
  /** Stops it where it runs, and removes the data folder. */
  remove(): Promise<void>;
}

/** The environment of a server of its own: nothing of ours configures it but what is given. */
export function berthEnvironment(
  folder: string,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !/^(BERTH_|REGISTRY_|NODE_|VITEST)/.test(name));
  return {
    ...Object.fromEntries(own),
    REGISTRY_HTTP_ADDR: '127.0.0.1:0',
    ...(extra['REGISTRY_STORAGE'] === undefined && { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: folder }),
    ...extra,
  };
}

/** Runs the `berth` command to its end. `node` may be another Node than ours. */
export function berth(
  args: readonly string[],
  options: CommandOptions & { readonly node?: string } = {},
): Promise<CommandResult> {
  return run(options.node ?? process.execPath, ['--conditions=source', launcher, ...args], options);
}

/** Starts the server on a free port and waits until it says where it listens. */
export async function startBerth(options: BerthOptions = {}): Promise<BerthProcess> {
  const root = options.folder === undefined ? await temporaryFolder() : undefined;
  const folder = options.folder ?? join(root!, 'data');
  const { withoutStorage = false } = options;
  const env = berthEnvironment(folder, {
    ...options.env,
    ...(withoutStorage && { REGISTRY_STORAGE: 'none' }),
  });
  const cwd = withoutStorage ? dirname(folder) : process.cwd();
  const child = spawn(process.execPath, ['--conditions=source', launcher, 'serve'], {
    env,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => end(child, signal);
  const remove = async () => {
    await stop();
    await removeFolder(root ?? folder);
  };
  const url = await announced(child, output).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const { port } = new URL(url);
  return {
    folder,
    url: `http://127.0.0.1:${port}`,
    host: `localhost:${port}`,
    pid: child.pid!,
    output,
    berth: (args, input) => berth(args, { ...input, env, cwd }),
    berthAs: (who, args, input) =>
      berth(['--server', url, '--user', who.name, ...args], {
        ...input,
        env: berthEnvironment('/nowhere', { BERTH_PASSWORD: who.password }),
      }),
    stop,
    remove,
  };
}

function collect(child: ChildProcess): () => string {
  const texts: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => texts.push(text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => texts.push(text));
  return () => texts.join('');
}

async function announced(child: ChildProcess, output: () => string): Promise<string> {
  return until(
    () => `the line that says where Berth listens:\n${output()}`,
    () => {
      const end = child.exitCode ?? child.signalCode;
      if (end !== null) throw new Error(`berth serve ended with ${end}:\n${output()}`);
      return listening.exec(output())?.[1];
    },
  );
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<Ending> {
  const start = performance.now();
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
  return { code: child.exitCode, signal: child.signalCode, milliseconds: performance.now() - start };
}
