import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { berthEnvironment } from '../support/berth-process.ts';
import { until } from '../support/waiting.ts';

/** That of the launcher: the many starts are quicker with it. */
const compileCache = resolve(import.meta.dirname, '../../node_modules/.cache/berth');

export interface CrashingServer {
  readonly url: string;
  /** Milliseconds from the start of the process until the port was open. */
  readonly startTime: number;
  /** It ends itself at this step from now on; 0: at none. */
  crashAt(step: number): Promise<void>;
  /** The steps since then. */
  steps(): Promise<readonly string[]>;
  kill(): Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>;
}

export async function startCrashing(folder: string): Promise<CrashingServer> {
  const start = performance.now();
  const child = spawn(
    process.execPath,
    ['--conditions=source', join(import.meta.dirname, 'server.ts'), folder],
    {
      env: berthEnvironment(folder, { NODE_COMPILE_CACHE: compileCache }),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const port = await until('the server that crashes', () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    return /listens on (\d+)/.exec(output)?.[1];
  });
  const url = `http://127.0.0.1:${port}`;
  const control = (method: string, query = '') => fetch(`${url}/crash${query}`, { method });
  return {
    url,
    startTime: performance.now() - start,
    crashAt: async (step) => void (await control('PUT', `?at=${step}`)),
    steps: async () => (await (await control('GET')).json()) as string[],
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    ended,
  };
}
