import { OciError, type Digest, type RepositoryName } from '@berth/protocol';
import type { ReadOptions } from '@berth/storage';
import {
  findBlob,
  isBlobReadable,
  isBlobUsed,
  linkBlob,
  unlinkBlob,
  type Blob,
  type BlobSource,
} from '../metadata/blobs.ts';
import { ensureRepository, findRepository } from '../metadata/repositories.ts';
import type { StoreContext } from './context.ts';

/** Blobs of repositories. A blob that is in storage for another repository only does not exist here. */
export class BlobStore {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Throws `BLOB_UNKNOWN`. */
  async get(repository: RepositoryName, digest: Digest): Promise<Blob> {
    const { database } = this.#context;
    const find = () => findBlob(database.reader, repository, digest);
    const blob = await database.remembered(`blob ${repository} ${digest}`, find);
    if (blob === undefined) throw unknown(digest);
    return blob;
  }

  read(blob: Blob, range: Pick<ReadOptions, 'start' | 'end'>): AsyncIterable<Uint8Array> {
    return this.#context.storage.read(blob.path, range);
  }

  /** Whether a repository that one may read holds the blob, and `to` therefore holds it now too. */
  async mount(digest: Digest, source: BlobSource, to: RepositoryName): Promise<boolean> {
    return this.#context.database.transaction(async (trx) => {
      if (!(await isBlobReadable(trx, digest, source))) return false;
      const now = Date.now();
      const repository = await ensureRepository(trx, to, now);
      await linkBlob(trx, repository.id, digest, now);
      return true;
    });
  }

  /** Throws `BLOB_UNKNOWN`, and `UNSUPPORTED` where a manifest needs the blob: an image is never broken. */
  async remove(repository: RepositoryName, digest: Digest): Promise<void> {
    await this.#context.database.transaction(async (trx) => {
      const found = await findRepository(trx, repository);
      if (found === undefined) throw unknown(digest);
      if (await isBlobUsed(trx, found.id, digest)) {
        throw new OciError('UNSUPPORTED', {
          message: 'a manifest uses this blob: delete the manifest first',
        });
      }
      if (!(await unlinkBlob(trx, found.id, digest))) throw unknown(digest);
    });
  }
}

function unknown(digest: Digest): OciError {
  return new OciError('BLOB_UNKNOWN', { detail: { digest } });
}
