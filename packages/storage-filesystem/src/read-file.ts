import type { FileHandle } from 'node:fs/promises';

import { rangeWithin, StorageError, type ByteRange, type ReadOptions } from '@berth/storage';

import type { BufferPool } from './buffer-pool.ts';
import { READING, type FileSystem } from './file-system.ts';

interface Chunk {
  readonly buffer: Buffer;
  readonly length: number;
}

/** The bytes of the file in chunks of up to 1 MiB; the next one is read while the caller has the last one. */
export async function* readFile(
  { fs, pool }: { fs: FileSystem; pool: BufferPool },
  file: string,
  options?: ReadOptions,
): AsyncGenerator<Uint8Array> {
  await using handle = await fs.open(file, READING);
  const stat = await handle.stat();
  if (!stat.isFile()) throw new StorageError('NOT_FOUND', 'it is not a file');
  yield* readRange(handle, rangeWithin(stat.size, options), pool);
}

async function* readRange(
  handle: FileHandle,
  { start, end }: ByteRange,
  pool: BufferPool,
): AsyncGenerator<Uint8Array> {
  let position = start;
  let ahead = readAhead(handle, { start, end }, pool);
  try {
    while (ahead) {
      const chunk = await ahead;
      position += chunk.length;
      ahead = readAhead(handle, { start: position, end }, pool);
      yield* lend(chunk, pool);
    }
  } finally {
    const unseen = await ahead?.catch(() => undefined);
    if (unseen) pool.giveBack(unseen.buffer, { reusable: true });
  }
}

/**
 * A caller that asks for more is done with the chunk. One that stopped early may still be sending it to a socket:
 * used again, the buffer would send the bytes of another file.
 */
function* lend({ buffer, length }: Chunk, pool: BufferPool): Generator<Uint8Array> {
  let reusable = false;
  try {
    yield buffer.subarray(0, length);
    reusable = true;
  } finally {
    pool.giveBack(buffer, { reusable });
  }
}

function readAhead(handle: FileHandle, range: ByteRange, pool: BufferPool): Promise<Chunk> | undefined {
  if (range.start >= range.end) return undefined;
  const chunk = readChunk(handle, range, pool);
  // The caller may take its time before it sees the error.
  chunk.catch(() => undefined);
  return chunk;
}

async function readChunk(handle: FileHandle, { start, end }: ByteRange, pool: BufferPool): Promise<Chunk> {
  const buffer = pool.take(end - start);
  try {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - start), start);
    if (bytesRead > 0) return { buffer, length: bytesRead };
    throw new StorageError('IO_ERROR', `the file became shorter: it ends at ${start} and had ${end} bytes`);
  } catch (error) {
    pool.giveBack(buffer, { reusable: true });
    throw error;
  }
}
