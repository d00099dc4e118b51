import { OciError, type Digest, type RepositoryName } from '@berth/protocol';
import { hasSignedUrls, LONGEST_SIGNED_URL, type ReadOptions } from '@berth/storage';
import type { RecordChange } from '../exchange.ts';
import {
  findBlob,
  isBlobHeldBy,
  isBlobReadable,
  isBlobUsed,
  linkBlob,
  unlinkBlob,
  type Blob,
  type BlobSource,
  type HeldBlob,
} from '../metadata/blobs.ts';
import { ensureRepository, findRepository } from '../metadata/repositories.ts';
import { reviewBlob, reviewUsedLink } from '../metadata/reviews.ts';
import type { StoreContext } from './context.ts';
import { SmallBlobs } from './small-blobs.ts';

/** A push that asks for a blob often is not written down each time, in milliseconds. */
const useAgain = 60_000;

/** Blobs of repositories. A blob that is in storage for another repository only does not exist here. */
export class BlobStore {
  readonly #context: StoreContext;
  readonly #small: SmallBlobs;

  constructor(context: StoreContext) {
    this.#context = context;
    this.#small = new SmallBlobs(context.storage);
  }

  /** Throws `BLOB_UNKNOWN`. */
  async get(repository: RepositoryName, digest: Digest): Promise<HeldBlob> {
    const { database } = this.#context;
    const find = () => findBlob(database.reader, repository, digest);
    const blob = await database.remembered(`blob ${repository} ${digest}`, find);
    if (blob === undefined) throw unknown(digest);
    return blob;
  }

  /** All of it. */
  async content(blob: Blob): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
    return (await this.#small.get(blob)) ?? this.read(blob, {});
  }

  read(blob: Blob, range: Pick<ReadOptions, 'start' | 'end'>): AsyncIterable<Uint8Array> {
    return this.#context.storage.read(blob.path, range);
  }

  /**
   * A URL that gives the blob without Berth, or undefined where the driver has none. It is good for five minutes,
   * also for somebody who lost his right meanwhile, or who was given the URL.
   */
  async urlOf(blob: Blob, contentType: string): Promise<string | undefined> {
    const { storage } = this.#context;
    if (!hasSignedUrls(storage)) return undefined;
    return storage.signedUrl(blob.path, { method: 'GET', expiresIn: LONGEST_SIGNED_URL, contentType });
  }

  /** Somebody who may push asked for the blob, and will not send it: it stays until a manifest can name it. */
  async use({ repositoryId, digest, usedAt }: HeldBlob): Promise<void> {
    const { database, now, reviewDelay } = this.#context;
    const usedNow = { now: now(), dueAt: now() + reviewDelay };
    if (usedAt === null || usedAt > usedNow.now - Math.min(useAgain, reviewDelay / 2)) return;
    await database.transaction(
      async (trx) => {
        const held = await isBlobHeldBy(trx, repositoryId, digest);
        if (held) await reviewUsedLink(trx, repositoryId, digest, usedNow);
      },
      { relaxed: true },
    );
  }

  /** Whether a repository that one may read holds the blob, and `to` therefore holds it now too. */
  async mount(digest: Digest, source: BlobSource, to: RepositoryName): Promise<boolean> {
    return this.#context.database.transaction(async (trx) => {
      if (!(await isBlobReadable(trx, digest, source))) return false;
      const now = this.#context.now();
      const { id } = await ensureRepository(trx, to, now);
      await linkBlob(trx, id, digest, now);
      await reviewUsedLink(trx, id, digest, { now, dueAt: now + this.#context.reviewDelay });
      return true;
    });
  }

  /** Throws `BLOB_UNKNOWN`, and `UNSUPPORTED` where a manifest needs the blob: an image is never broken. */
  async remove(repository: RepositoryName, digest: Digest, record?: RecordChange): Promise<void> {
    await this.#context.database.transaction(async (trx) => {
      const found = await findRepository(trx, repository);
      if (found === undefined) throw unknown(digest);
      if (await isBlobUsed(trx, found.id, digest)) {
        throw new OciError('UNSUPPORTED', {
          message: 'a manifest uses this blob: delete the manifest first',
        });
      }
      if (!(await unlinkBlob(trx, found.id, digest))) throw unknown(digest);
      await reviewBlob(trx, digest, this.#context.now() + this.#context.reviewDelay);
      await record?.(trx, { before: { digest } });
    });
  }
}

function unknown(digest: Digest): OciError {
  return new OciError('BLOB_UNKNOWN', { detail: { digest } });
}
