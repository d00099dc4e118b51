import type { Digest } from '@berth/protocol';
import { deleteManifest, isManifestHeld } from '../metadata/manifests.ts';
import { atOnce, reviewPartsOf } from '../metadata/reviews.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import type { StoreContext } from '../stores/context.ts';
import { eachRepository, type RepositoryContents } from './contents.ts';
import { untaggedManifests } from './reachable.ts';

/** Manifests of one transaction. */
const batch = 20;

export interface UntaggedOptions {
  /** What was put later stays, in milliseconds since 1970. */
  readonly putBefore: number;
  readonly signal: AbortSignal;
  /** How many are gone so far. */
  readonly progress: (count: number) => void;
}

/** Deletes the manifests that no tag needs, in every repository. Answers how many. */
export async function deleteUntagged(context: StoreContext, options: UntaggedOptions): Promise<number> {
  let count = 0;
  for await (const contents of eachRepository(context.database.reader, options.signal)) {
    if (!contents.deleted) count += await deleteIn(context, contents, options);
    options.progress(count);
  }
  return count;
}

/**
 * Each manifest is looked at again in the transaction that deletes it: a tag or an index may name it by now. It can go
 * only after the indexes that name it and after its subject, so it takes as many rounds as these are nested.
 */
async function deleteIn(
  context: StoreContext,
  contents: RepositoryContents,
  { putBefore, signal }: UntaggedOptions,
): Promise<number> {
  let left = [...untaggedManifests(contents, putBefore)];
  let deleted = 0;
  for (let before = -1; before !== left.length && left.length > 0;) {
    before = left.length;
    const kept: Digest[] = [];
    for (let first = 0; first < left.length; first += batch) {
      if (signal.aborted) return deleted + first - kept.length;
      const part = left.slice(first, first + batch);
      kept.push(...(await context.database.transaction((trx) => deleteSome(trx, contents, part, putBefore))));
    }
    deleted += left.length - kept.length;
    left = kept;
  }
  return deleted;
}

/** Answers those that something needs. */
async function deleteSome(
  trx: Writer,
  { repositoryId }: RepositoryContents,
  digests: readonly Digest[],
  putBefore: number,
): Promise<Digest[]> {
  const kept: Digest[] = [];
  for (const digest of digests) {
    const held = { repositoryId, digest };
    if ((await isManifestHeld(trx, held)) || (await wasPutSince(trx, held, putBefore))) kept.push(digest);
    else {
      await reviewPartsOf(trx, repositoryId, digest, atOnce);
      await deleteManifest(trx, repositoryId, digest);
    }
  }
  return kept;
}

async function wasPutSince(
  trx: Writer,
  { repositoryId, digest }: { readonly repositoryId: number; readonly digest: Digest },
  time: number,
): Promise<boolean> {
  const row = await trx
    .selectFrom('manifest')
    .select('digest')
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', digest)
    .where('put_at', '>', time)
    .executeTakeFirst();
  return row !== undefined;
}
