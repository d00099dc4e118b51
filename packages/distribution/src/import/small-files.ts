import { isDigest, type Digest } from '@berth/protocol';
import { StorageError, type StorageDriver, type StorageOptions } from '@berth/storage';

/** No link is longer, in bytes. */
export const longestLink = 200;

/** The file in one piece; `'missing'` where there is none, `'too long'` where it has more than `most` bytes. */
export async function readSmall(
  storage: StorageDriver,
  path: string,
  most: number,
  options: StorageOptions,
): Promise<Buffer | 'missing' | 'too long'> {
  const copies: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of storage.read(path, options)) {
      size += chunk.length;
      if (size > most) return 'too long';
      copies.push(Buffer.from(chunk));
    }
  } catch (error) {
    if (error instanceof StorageError && error.code === 'NOT_FOUND') return 'missing';
    throw error;
  }
  return Buffer.concat(copies);
}

/** What a link names; `undefined` where it names nothing. */
export async function readLink(
  storage: StorageDriver,
  path: string,
  options: StorageOptions,
): Promise<Digest | undefined> {
  const content = await readSmall(storage, path, longestLink, options);
  const text = typeof content === 'string' ? '' : content.toString('utf8').trim();
  return isDigest(text) ? text : undefined;
}
