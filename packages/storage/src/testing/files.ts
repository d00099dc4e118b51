import type { ReadOptions, StorageDriver, StorageOptions } from '../driver.ts';

/** `size` bytes in which every place can be told from its neighbours, and pages from each other. */
export function patternBytes(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let index = 0; index < size; index += 1) bytes[index] = (index ^ (index >> 8) ^ (index >> 16)) & 0xff;
  return bytes;
}

/** Writes a whole file and syncs it. */
export async function writeFile(driver: StorageDriver, path: string, ...chunks: Uint8Array[]): Promise<void> {
  const writer = await driver.append(path);
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close({ sync: true });
}

/** Reads a whole file, or a range of it. */
export async function readFile(driver: StorageDriver, path: string, options?: ReadOptions): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of driver.read(path, options)) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies);
}

/** All paths below `prefix`, sorted. */
export async function listFiles(
  driver: StorageDriver,
  prefix: string,
  options?: StorageOptions,
): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of driver.list(prefix, options)) paths.push(path);
  return paths.sort();
}
