import { expect, test } from 'vitest';

import type { StorageDriver } from '../driver.ts';
import { watchMemory } from './held-memory.ts';
import type { Suite } from './suite.ts';

const MIB = 1024 * 1024;
const FILE = 64 * MIB;
const CHUNK = MIB / 4;
const EVERY = 8 * MIB;

/** A few buffers, however large the file is. */
const MOST_HELD = 40 * MIB;

export function describeMemory(suite: Suite): void {
  test('memory grows with the file only where files are kept in it', { timeout: 60_000 }, async () => {
    const held = await memoryOfWriting(suite.driver, suite.path('big'));
    if (suite.keepsInMemory) return expect(held).toBeGreaterThan(MOST_HELD);
    expect(held).toBeLessThan(MOST_HELD);
    expect(await memoryOfReading(suite.driver, suite.path('big'))).toBeLessThan(MOST_HELD);
  });
}

/** Writes 64 MiB in chunks of which each has a buffer of its own, and answers the bytes that were held at most. */
async function memoryOfWriting(driver: StorageDriver, path: string): Promise<number> {
  const memory = await watchMemory();
  const writer = await driver.append(path);
  for (let written = 0; written < FILE; written += CHUNK) {
    await writer.write(Buffer.alloc(CHUNK, written / CHUNK));
    if (written % EVERY === 0) await memory.look();
  }
  await memory.look();
  await writer.close({ sync: true });
  return memory.most;
}

async function memoryOfReading(driver: StorageDriver, path: string): Promise<number> {
  const memory = await watchMemory();
  let read = 0;
  let next = EVERY;
  for await (const chunk of driver.read(path)) {
    read += chunk.length;
    if (read < next) continue;
    await memory.look();
    next += EVERY;
  }
  expect(read).toBe(FILE);
  return memory.most;
}
