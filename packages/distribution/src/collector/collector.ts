import { setImmediate as yieldToRequests } from 'node:timers/promises';
import type { Digest } from '@berth/protocol';
import { deleteBlob, isBlobHeld, isBlobUsed, unlinkBlob, unlinkSomeBlobs } from '../metadata/blobs.ts';
import { scheduleDeletion } from '../metadata/deletions.ts';
import { deleteManifest, deleteSomeManifests, isManifestHeld } from '../metadata/manifests.ts';
import { deleteRepository, findHidden } from '../metadata/repositories.ts';
import {
  dueBlobs,
  dueLinks,
  dueManifests,
  endBlobReview,
  endLinkReview,
  endManifestReview,
  reviewBlob,
  reviewPartsOf,
  atOnce,
  type Due,
  type Held,
} from '../metadata/reviews.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { isDigestNoted } from '../metadata/uploads.ts';
import type { StoreContext } from '../stores/context.ts';
import { Deletions } from '../stores/deletions.ts';

/** Reviews of one transaction: about a millisecond, in which nobody else writes. */
const batch = 20;

/** Files of one claim. */
const files = 100;

/** What went. */
export interface Collected {
  /** Referrers that lost their subject. */
  readonly manifests: number;
  /** Blobs that a repository held and no manifest of it named. */
  readonly links: number;
  /** Blobs that no repository held. */
  readonly blobs: number;
  /** Deleted from storage. */
  readonly files: number;
  /** Freed in storage. */
  readonly bytes: number;
}

const nothingCollected: Collected = { manifests: 0, links: 0, blobs: 0, files: 0, bytes: 0 };

export interface CollectOptions {
  readonly due: Due;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: (collected: Collected) => void;
}

/**
 * Takes away what nothing needs, while everything is served. Each review looks again, in one transaction with what
 * follows from it, at what a change may have orphaned; so whatever was pushed, mounted or named before stays, and what
 * comes after finds it gone:
 *
 *   meanwhile a client …            and the collector                           then
 *   names the blob in a manifest    reviews the link before                     the manifest is 400, the client sends it
 *   names the blob in a manifest    reviews the link after                      the link stays
 *   sends or mounts the blob        reviews the blob before the new link        the bytes are stored anew
 *   sends or mounts the blob        reviews the blob after the new link         the blob stays
 *   has sent it, and moves it       reviews the blob: its digest is noted       the blob stays
 *   has sent it, and moves it       deletes the file of an earlier copy         the move waits for the deletion
 *   has sent it, and moves it       is about to delete the file of such a copy  the deletion is called off
 */
export class Collector {
  readonly #context: StoreContext;
  readonly #deletions: Deletions;

  constructor(context: StoreContext) {
    this.#context = context;
    this.#deletions = new Deletions(context);
  }

  /** Goes on until nothing is due, or the signal is aborted. */
  async run({ due, signal, progress }: CollectOptions): Promise<Collected> {
    let sum = nothingCollected;
    for (;;) {
      const { seen, collected } = await this.#step(due);
      sum = add(sum, collected);
      progress?.(sum);
      if (seen === 0 || signal?.aborted) return sum;
      await yieldToRequests();
    }
  }

  async #step(due: Due): Promise<{ readonly seen: number; readonly collected: Collected }> {
    const { database } = this.#context;
    const review = <Item>(find: Find<Item>, decide: (trx: Writer, item: Item) => Promise<boolean>) =>
      database.transaction((trx) => reviewAll(trx, () => find(trx, due, batch), decide), { relaxed: true });
    const emptied = await database.transaction((trx) => this.#emptyHidden(trx), { relaxed: true });
    const manifests = await review(dueManifests, (trx, held) => this.#reviewManifest(trx, held));
    const links = await review(dueLinks, (trx, held) => this.#reviewLink(trx, held));
    const blobs = await review(dueBlobs, (trx, digest) => this.#reviewBlob(trx, digest));
    const gone = await this.#deletions.run(files);
    return {
      seen: emptied.seen + manifests.seen + links.seen + blobs.seen + gone.length,
      collected: {
        manifests: manifests.orphans,
        links: emptied.links + links.orphans,
        blobs: blobs.orphans,
        files: gone.length,
        bytes: gone.reduce((sum, { size }) => sum + size, 0),
      },
    };
  }

  /** Some of what a deleted repository holds, and in the end its row. */
  async #emptyHidden(trx: Writer): Promise<{ readonly seen: number; readonly links: number }> {
    const id = await findHidden(trx);
    if (id === undefined) return { seen: 0, links: 0 };
    const manifests = await deleteSomeManifests(trx, id, batch);
    if (manifests > 0) return { seen: manifests, links: 0 };
    const digests = await unlinkSomeBlobs(trx, id, batch);
    const { now, reviewDelay } = this.#context;
    for (const digest of digests) await reviewBlob(trx, digest, now() + reviewDelay);
    if (digests.length === 0) await deleteRepository(trx, id);
    return { seen: digests.length + 1, links: digests.length };
  }

  async #reviewManifest(trx: Writer, held: Held): Promise<boolean> {
    await endManifestReview(trx, held);
    if (await isManifestHeld(trx, held)) return false;
    await reviewPartsOf(trx, held.repositoryId, held.digest, atOnce);
    return deleteManifest(trx, held.repositoryId, held.digest);
  }

  async #reviewLink(trx: Writer, held: Held): Promise<boolean> {
    await endLinkReview(trx, held);
    if (await isBlobUsed(trx, held.repositoryId, held.digest)) return false;
    await unlinkBlob(trx, held.repositoryId, held.digest);
    await reviewBlob(trx, held.digest, atOnce);
    return true;
  }

  async #reviewBlob(trx: Writer, digest: Digest): Promise<boolean> {
    await endBlobReview(trx, digest);
    if ((await isBlobHeld(trx, digest)) || (await isDigestNoted(trx, digest))) return false;
    const file = await deleteBlob(trx, digest);
    if (file !== undefined) await scheduleDeletion(trx, file, { now: this.#context.now() });
    return file !== undefined;
  }
}

type Find<Item> = (trx: Writer, due: Due, limit: number) => Promise<readonly Item[]>;

async function reviewAll<Item>(
  trx: Writer,
  find: () => Promise<readonly Item[]>,
  decide: (trx: Writer, item: Item) => Promise<boolean>,
): Promise<{ readonly seen: number; readonly orphans: number }> {
  const items = await find();
  let orphans = 0;
  for (const item of items) if (await decide(trx, item)) orphans += 1;
  return { seen: items.length, orphans };
}

function add(one: Collected, other: Collected): Collected {
  return {
    manifests: one.manifests + other.manifests,
    links: one.links + other.links,
    blobs: one.blobs + other.blobs,
    files: one.files + other.files,
    bytes: one.bytes + other.bytes,
  };
}
