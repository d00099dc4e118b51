import type { FileHandle } from 'node:fs/promises';

import { StorageError } from '@berth/storage';

/** Appends all of `chunks`: a write may store only a part, for example where the disk is nearly full. */
export async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let rest = chunks.filter((chunk) => chunk.length > 0);
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest);
    if (bytesWritten === 0) throw new StorageError('IO_ERROR', 'the disk takes no bytes');
    rest = without(rest, bytesWritten);
  }
}

/** `chunks` without their first `count` bytes. */
function without(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count;
  const rest: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (skip < chunk.length) rest.push(chunk.subarray(skip));
    skip = Math.max(0, skip - chunk.length);
  }
  return rest;
}
