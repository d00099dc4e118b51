import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { berthEnvironment, type BerthProcess } from '../support/berth-process.ts';

const launcher = resolve(import.meta.dirname, '../../bin/berth.js');

/** A backup that stands still in the middle of its blobs. */
export interface SlowBackup extends AsyncDisposable {
  /** Resolves to its exit code. */
  goOn(): Promise<number | null>;
  kill(): Promise<void>;
}

/** Starts a backup into a folder that is not there yet, and stops it when it has begun to copy blobs. */
export async function startBackup({ folder }: BerthProcess, into: string): Promise<SlowBackup> {
  const args = ['--conditions=source', launcher, 'backup', into];
  const child = spawn(process.execPath, args, { env: berthEnvironment(folder), stdio: 'ignore' });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  while (!(await copies(into))) {
    if (child.exitCode !== null) throw new Error('the backup came to its end before it was stopped');
    await sleep(2);
  }
  child.kill('SIGSTOP');
  if ((await readdir(into)).includes('backup.json')) throw new Error('the backup was over already');
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await exited;
  };
  return {
    kill,
    [Symbol.asyncDispose]: kill,
    async goOn() {
      child.kill('SIGCONT');
      return (await exited)[0];
    },
  };
}

async function copies(folder: string): Promise<boolean> {
  const parts = await readdir(join(folder, 'parts')).catch(() => []);
  return parts.length > 0;
}
