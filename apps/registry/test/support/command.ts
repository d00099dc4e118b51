import { spawn } from 'node:child_process';

/** What a command left behind. `code` is null where a signal ended it. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, for messages that a client writes to either. */
  readonly output: string;
}

export interface CommandOptions {
  /** Written to the standard input, which is then closed. */
  readonly input?: string;
  /** The whole environment; without it the command inherits ours. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Milliseconds until the command is killed. Default 120,000: no client may hang. */
  readonly timeout?: number;
}

/** Runs a command to its end. An exit code other than 0 is a result, not an error; a missing program rejects. */
export function run(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { input = '', env, cwd, timeout = 120_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: env ?? process.env, timeout, killSignal: 'SIGKILL' });
    const stdout: string[] = [];
    const stderr: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
    child.on('error', reject);
    child.on('close', (code) => {
      const result = { code, stdout: stdout.join(''), stderr: stderr.join('') };
      resolve({ ...result, output: `${result.stdout}${result.stderr}` });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Runs a command that has to succeed, and gives its standard output. */
export async function runOk(
  file: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<string> {
  const result = await run(file, args, options);
  if (result.code !== 0)
    throw new Error(`${file} ${args.join(' ')} ended with ${result.code}:\n${result.output}`);
  return result.stdout;
}
