import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { processEnvironment } from '../src/config/process.ts';

/** What a server or a tool is started with: nothing that would configure it. */
export function plainEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '' } = processEnvironment();
  return { PATH, HOME, ...extra };
}

/** The first executable of that name in `folders` or on the PATH. */
export async function findProgram(
  name: string,
  folders: readonly string[] = [],
): Promise<string | undefined> {
  const { PATH = '' } = plainEnvironment();
  for (const folder of [...folders, ...PATH.split(delimiter)]) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

/** The absolute path of a program that was named by its path. Throws where it is none. */
export async function namedProgram(path: string): Promise<string> {
  const absolute = resolve(path);
  if (await isExecutable(absolute)) return absolute;
  throw new Error(`${path} is no program`);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Runs a program to its end and resolves to what it wrote to both streams. Rejects where it fails. */
export function run(file: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: plainEnvironment(), signal, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
    child.on('error', reject);
    child.on('close', (code) => {
      const text = output.join('').trim();
      if (code === 0) resolve(text);
      else reject(new Error(`${file} ended with ${code}: ${text}`));
    });
  });
}
