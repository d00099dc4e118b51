import { createHash, type Hash } from 'node:crypto';
import { digestOf, type Digest, type DigestAlgorithm } from '@berth/protocol';
import type { StorageDriver } from '@berth/storage';

/** The hash of a file that grows. Its state cannot be saved, so where it is lost the file is read again. */
export class RollingHash {
  readonly algorithm: DigestAlgorithm;
  readonly #hash: Hash;
  #size = 0;

  constructor(algorithm: DigestAlgorithm) {
    this.algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  static async ofFile(
    storage: StorageDriver,
    path: string,
    algorithm: DigestAlgorithm,
  ): Promise<RollingHash> {
    const hash = new RollingHash(algorithm);
    for await (const chunk of storage.read(path)) hash.update(chunk);
    return hash;
  }

  /** Bytes hashed so far. */
  get size(): number {
    return this.#size;
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  /** Of the bytes so far; more may follow. */
  digest(): Digest {
    return digestOf(this.algorithm, this.#hash.copy().digest('hex'));
  }
}
