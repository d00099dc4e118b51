import { readFile } from 'node:fs/promises';
import type { Row } from './row.ts';

/** Comes last: the peak since the start, so of all that came before. Only Linux tells it. */
export function memory(): Row {
  return {
    key: 'memory',
    title: 'peak memory after all that, MB (less is better)',
    needsWrk: false,
    prepare:
      async ({ pid }) =>
      async () => ({ value: (await peak(pid)) / 1e6 }),
  };
}

async function peak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
