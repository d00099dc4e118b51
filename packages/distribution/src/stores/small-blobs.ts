import { digestParts, type Digest } from '@berth/protocol';
import { StorageError, type StorageDriver } from '@berth/storage';
import { LRUCache } from 'lru-cache';
import type { Blob } from '../metadata/blobs.ts';
import { RollingHash } from './rolling-hash.ts';

/** In bytes: that of an image's configuration, which every pull asks for, is less. */
const largest = 16 * 1024;

/** In bytes. */
const mostMemory = 8 * 1024 * 1024;

/** Of an entry, with what is around its bytes. */
const overhead = 300;

/**
 * The bytes of small blobs, in memory: to open, read and close a file takes four times as long as to answer. Only what
 * has its digest stays, so that a blob which is pushed again after it was damaged is not answered with the damage. Whether
 * it is there, and whose it is, the caller has to know.
 */
export class SmallBlobs {
  readonly #storage: StorageDriver;
  readonly #bytes = new LRUCache<Digest, Uint8Array>({
    maxSize: mostMemory,
    sizeCalculation: ({ length }) => length + overhead,
  });

  constructor(storage: StorageDriver) {
    this.#storage = storage;
  }

  /** `undefined` for a blob that is not small. Rejects where it is damaged: nobody is answered with wrong bytes that are known. */
  async get({ digest, size, path }: Blob): Promise<Uint8Array | undefined> {
    if (size > largest) return undefined;
    const known = this.#bytes.get(digest);
    if (known !== undefined) return known;
    const hash = new RollingHash(digestParts(digest).algorithm);
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#storage.read(path, { end: largest })) {
      hash.update(chunk);
      chunks.push(Buffer.from(chunk));
    }
    if (hash.digest() !== digest)
      throw new StorageError('IO_ERROR', `the bytes at ${path} are not those of their digest: berth verify`);
    const bytes = Buffer.concat(chunks);
    this.#bytes.set(digest, bytes);
    return bytes;
  }
}
