import { randomUUID } from 'node:crypto';
import { digestParts, type Digest } from '@berth/protocol';
import type { StorageDriver, StorageOptions } from '@berth/storage';
import { blobPath, uploadPath } from '../layout.ts';
import { RollingHash } from '../stores/rolling-hash.ts';
import { writeWhole, type Produce } from '../stores/whole-file.ts';

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
  const copy: Produce<number> = async (write) => {
    const hash = new RollingHash(digestParts(digest).algorithm);
    for await (const chunk of storage.read(from, options)) {
      hash.update(chunk);
      // A driver may use the memory of a chunk again before a writer is done with it.
      await write(Buffer.from(chunk));
    }
    return hash.digest() === digest ? hash.size : undefined;
  };
  return writeWhole(storage, { path: blobPath(digest), part: uploadPath(randomUUID()) }, copy, options);
}
