import { setImmediate as yieldToRequests } from 'node:timers/promises';
import type { Digest } from '@berth/protocol';
import { eachRepository } from '../collector/contents.ts';
import { orphanLinks } from '../collector/reachable.ts';
import type { JobControl } from '../jobs/jobs.ts';
import { Names, type Several } from '../jobs/several.ts';
import { blobsFolder, uploadId, uploadsFolder } from '../layout.ts';
import { findStoredBlob } from '../metadata/blobs.ts';
import { forgottenBlobs, isFileKnown, pagesOfBlobs } from '../metadata/integrity.ts';
import { reviewBlob, reviewUsedLink } from '../metadata/reviews.ts';
import { isUploadKnown } from '../metadata/uploads.ts';
import type { StoreContext } from '../stores/context.ts';

/** What a full scan finds that the queues and the rows do not tell. All zero where everything is as it should be. */
export interface CheckReport {
  /** Blobs that a repository holds, no manifest of it names, and nobody was to review; now they are. */
  readonly forgottenLinks: number;
  /** Blobs that no repository holds and nobody was to review; now they are. */
  readonly forgottenBlobs: number;
  /** Files in storage that no row tells of; they stay. */
  readonly unknownFiles: Several;
  /** Blobs whose file is missing or has another size: `verify` puts them into quarantine. */
  readonly damagedBlobs: Several;
}

/** Blobs that one transaction notes for review. */
const batch = 100;

/** Looks at everything again that the collection is told of, and compares storage with the rows. */
export async function checkStorage(
  context: StoreContext,
  { signal, report }: JobControl,
): Promise<CheckReport> {
  const unknownFiles = new Names();
  const damagedBlobs = new Names();
  const sum = { forgottenLinks: 0, forgottenBlobs: 0 };
  const progress = () =>
    report({ ...sum, unknownFiles: unknownFiles.found, damagedBlobs: damagedBlobs.found });
  for await (const count of reviewForgottenLinks(context, signal)) {
    sum.forgottenLinks += count;
    progress();
  }
  for await (const count of reviewForgottenBlobs(context, signal)) {
    sum.forgottenBlobs += count;
    progress();
  }
  for await (const path of filesWithoutRow(context, signal)) unknownFiles.add(path);
  progress();
  for await (const digest of blobsWithoutFile(context, signal)) damagedBlobs.add(digest);
  return { ...sum, unknownFiles: unknownFiles.found, damagedBlobs: damagedBlobs.found };
}

async function* reviewForgottenLinks(context: StoreContext, signal: AbortSignal): AsyncGenerator<number> {
  const { database } = context;
  for await (const contents of eachRepository(database.reader, signal)) {
    if (contents.deleted) continue;
    const forgotten = orphanLinks(contents, new Set()).filter(({ usedAt }) => usedAt === null);
    const now = context.now();
    for (const { digest } of forgotten) {
      const times = { now, dueAt: now + context.reviewDelay };
      await database.transaction((trx) => reviewUsedLink(trx, contents.repositoryId, digest, times));
    }
    yield forgotten.length;
    await yieldToRequests();
  }
}

async function* reviewForgottenBlobs(context: StoreContext, signal: AbortSignal): AsyncGenerator<number> {
  const { database } = context;
  while (!signal.aborted) {
    const digests = await forgottenBlobs(database.reader, batch);
    if (digests.length === 0) return;
    await database.transaction(async (trx) => {
      for (const digest of digests) await reviewBlob(trx, digest, context.now() + context.reviewDelay);
    });
    yield digests.length;
    await yieldToRequests();
  }
}

/** An upload ends, and its file is that of a blob then, while somebody looks: so what is not known is looked at again. */
async function* filesWithoutRow(
  { storage, database }: StoreContext,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const isKnown = async (path: string) => {
    const id = uploadId(path);
    if (id !== undefined && (await isUploadKnown(database.reader, id))) return true;
    return isFileKnown(database.reader, path);
  };
  for (const folder of [blobsFolder, uploadsFolder]) {
    for await (const path of storage.list(folder, { signal })) {
      if ((await isKnown(path)) || (await storage.stat(path, { signal })) === null) continue;
      if (!(await isKnown(path))) yield path;
    }
  }
}

async function* blobsWithoutFile(
  { storage, database }: StoreContext,
  signal: AbortSignal,
): AsyncGenerator<Digest> {
  for await (const page of pagesOfBlobs(database.reader)) {
    if (signal.aborted) return;
    for (const { digest, size, path } of page) {
      const isDamaged = async () => (await storage.stat(path, { signal }))?.size !== size;
      if (!(await isDamaged())) continue;
      // It may be in quarantine, or have been collected meanwhile and pushed again.
      if ((await findStoredBlob(database.reader, digest)) !== undefined && (await isDamaged())) yield digest;
    }
  }
}
