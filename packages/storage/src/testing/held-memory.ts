import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The largest growth of memory, in bytes, that was still in use at any of the calls of `look`. */
export interface HeldMemory {
  look(): Promise<void>;
  readonly most: number;
}

/** Counts what survives a full collection, in the heap and outside of it; so a buffer that is merely not collected yet does not count. */
export async function watchMemory(): Promise<HeldMemory> {
  const collect = collector();
  const before = await inUse(collect);
  let most = 0;
  return {
    async look() {
      most = Math.max(most, (await inUse(collect)) - before);
    },
    get most() {
      return most;
    },
  };
}

async function inUse(collect: () => void): Promise<number> {
  // Twice, with a turn of the event loop between them: a buffer is freed after the object that had it.
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
