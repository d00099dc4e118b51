import { setImmediate as yieldToRequests } from 'node:timers/promises';
import type { Digest } from '@berth/protocol';
import { countHolders, findBlobFile } from '../metadata/blobs.ts';
import { waitingDeletions } from '../metadata/deletions.ts';
import { unheldBlobs } from '../metadata/reviews.ts';
import type { Reader } from '../metadata/schema/tables.ts';
import { isDigestNoted } from '../metadata/uploads.ts';
import { eachRepository, type RepositoryContents } from './contents.ts';
import type { GarbageReport } from './garbage-collect.ts';
import { orphanLinks, untaggedManifests, withLostReferrers } from './reachable.ts';

export interface ForecastOptions {
  readonly deleteUntagged: boolean;
  /** What a push used later than this stays, in milliseconds since 1970. */
  readonly usedBefore: number;
  readonly signal: AbortSignal;
}

/** What a collection would take away, found by looking at everything and without changing anything. */
export async function forecast(db: Reader, options: ForecastOptions): Promise<GarbageReport> {
  const lost = new Map<Digest, number>();
  const sum = { untagged: 0, manifests: 0, links: 0, recent: 0 };
  for await (const contents of eachRepository(db, options.signal)) {
    const gone = goneFrom(contents, options);
    sum.untagged += gone.untagged;
    sum.manifests += gone.referrers;
    sum.links += gone.links.length;
    sum.recent += gone.recent;
    for (const digest of gone.links) lost.set(digest, (lost.get(digest) ?? 0) + 1);
    await yieldToRequests();
  }
  const freed = await freedBy(db, lost);
  const waiting = await waitingDeletions(db);
  return {
    ...sum,
    blobs: freed.blobs,
    files: freed.blobs + waiting.files,
    bytes: freed.bytes + waiting.bytes,
  };
}

function goneFrom(contents: RepositoryContents, { deleteUntagged, usedBefore }: ForecastOptions) {
  if (contents.deleted) {
    return { untagged: 0, referrers: 0, links: contents.links.map(({ digest }) => digest), recent: 0 };
  }
  const untagged = deleteUntagged ? untaggedManifests(contents, usedBefore) : new Set<Digest>();
  const all = withLostReferrers(contents, untagged);
  const orphans = orphanLinks(contents, all).filter(({ usedAt, lost }) => lost || usedAt !== null);
  const due = orphans.filter(({ usedAt, lost }) => lost || usedAt! <= usedBefore);
  return {
    untagged: untagged.size,
    referrers: all.size - untagged.size,
    links: due.map(({ digest }) => digest),
    recent: orphans.length - due.length,
  };
}

/** Blobs that nobody holds then, or already. */
async function freedBy(db: Reader, lost: ReadonlyMap<Digest, number>) {
  const sum = { blobs: 0, bytes: 0 };
  const count = async (digest: Digest) => {
    if (await isDigestNoted(db, digest)) return;
    sum.blobs += 1;
    sum.bytes += (await findBlobFile(db, digest))?.size ?? 0;
  };
  for (const [digest, links] of lost) {
    if ((await countHolders(db, digest)) === links) await count(digest);
    if (sum.blobs % 100 === 0) await yieldToRequests();
  }
  for (const digest of await unheldBlobs(db)) await count(digest);
  return sum;
}
