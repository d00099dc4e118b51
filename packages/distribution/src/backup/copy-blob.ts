import { digestParts } from '@berth/protocol';
import { StorageError } from '@berth/storage';
import type { Verifiable } from '../metadata/integrity.ts';
import { RollingHash } from '../stores/rolling-hash.ts';
import { writeTo, type BlobPlace } from './place.ts';

export interface CopyOptions {
  readonly signal: AbortSignal;
  /** Called with the length of each piece that was read, in bytes. */
  readonly passed: (bytes: number) => void;
}

type Write = (chunk: Uint8Array) => Promise<void>;

/**
 * Copies a blob and compares it with its digest on the way. Answers what is wrong with the one that was read, which is
 * not copied then. Rejects where the copy cannot be written.
 */
export async function copyBlob(
  from: BlobPlace,
  to: BlobPlace,
  blob: Verifiable,
  options: CopyOptions,
): Promise<string | undefined> {
  let wrong: string | undefined;
  await writeTo(to, blob.path, async (write) => {
    // A driver may use the memory of a chunk again before a writer is done with it.
    wrong = await readBlob(from, blob, options, (chunk) => write(Buffer.from(chunk)));
    return wrong === undefined || undefined;
  });
  return wrong;
}

/** Reads a blob. Answers what is wrong with it, or nothing. */
export async function readBlob(
  { driver, at }: BlobPlace,
  { digest, size, path }: Verifiable,
  { signal, passed }: CopyOptions,
  write: Write = async () => {},
): Promise<string | undefined> {
  const hash = new RollingHash(digestParts(digest).algorithm);
  const chunks = driver.read(at(path), { signal })[Symbol.asyncIterator]();
  try {
    for (let next = await pull(chunks); next !== undefined; next = await pull(chunks)) {
      if ('wrong' in next) return next.wrong;
      hash.update(next.chunk);
      await write(next.chunk);
      passed(next.chunk.length);
    }
  } finally {
    await chunks.return?.();
  }
  if (hash.size !== size) return `it has ${hash.size} bytes and not ${size}`;
  return hash.digest() === digest ? undefined : `its bytes have the digest ${hash.digest()}`;
}

/** Its own errors only: what fails where the chunk goes is no fault of the blob. */
async function pull(
  chunks: AsyncIterator<Uint8Array>,
): Promise<{ readonly chunk: Uint8Array } | { readonly wrong: string } | undefined> {
  try {
    const { done, value } = await chunks.next();
    return done ? undefined : { chunk: value };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return {
      wrong: error.code === 'NOT_FOUND' ? 'its file is missing' : `it cannot be read: ${error.code}`,
    };
  }
}
