import { randomUUID } from 'node:crypto';
import { digestParts, type Digest } from '@berth/protocol';
import type { StorageDriver, StorageOptions } from '@berth/storage';
import { blobPath, uploadPath } from '../layout.ts';
import { RollingHash } from '../stores/rolling-hash.ts';

/**
 * Copies the bytes of the file at `from` to where `registry:2` keeps the blob `digest`. Answers their number, or
 * `undefined` where they have another digest: then there is no copy.
 */
export async function copyBlob(
  storage: StorageDriver,
  from: string,
  digest: Digest,
  options: StorageOptions,
): Promise<number | undefined> {
  return writeWhole(storage, blobPath(digest), options, async (write) => {
    const hash = new RollingHash(digestParts(digest).algorithm);
    for await (const chunk of storage.read(from, options)) {
      hash.update(chunk);
      // A driver may use the memory of a chunk again before a writer is done with it.
      await write(Buffer.from(chunk));
    }
    return hash.digest() === digest ? hash.size : undefined;
  });
}

/** Writes a file that is there whole or not at all: not where `produce` answers `undefined`, or rejects. */
export async function writeWhole<Result>(
  storage: StorageDriver,
  path: string,
  options: StorageOptions,
  produce: (write: (chunk: Uint8Array) => Promise<void>) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  const part = uploadPath(randomUUID());
  let kept = false;
  try {
    const result = await writePart(storage, part, options, produce);
    if (result === undefined) return undefined;
    await storage.move(part, path, options);
    kept = true;
    return result;
  } finally {
    if (!kept) await storage.delete(part).catch(() => undefined);
  }
}

async function writePart<Result>(
  storage: StorageDriver,
  part: string,
  options: StorageOptions,
  produce: (write: (chunk: Uint8Array) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const writer = await storage.append(part, options);
  try {
    const result = await produce((chunk) => writer.write(chunk));
    await writer.close({ sync: true });
    return result;
  } finally {
    await writer.close().catch(() => undefined);
  }
}
