import { randomUUID } from 'node:crypto';
import {
  digestParts,
  OciError,
  type Digest,
  type DigestAlgorithm,
  type RepositoryName,
} from '@berth/protocol';
import type { FileWriter } from '@berth/storage';
import { blobPath, uploadPath } from '../layout.ts';
import { findStoredBlob, insertBlob, linkBlob, type Blob } from '../metadata/blobs.ts';
import { ensureRepository } from '../metadata/repositories.ts';
import {
  claimUpload,
  deleteUpload,
  endUpload,
  hasUpload,
  insertUpload,
  listAbandoned,
  listUnfinished,
  noteDigest,
  type UploadKey,
} from '../metadata/uploads.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { arriving, type Body } from './body.ts';
import type { StoreContext } from './context.ts';
import { RollingHash } from './rolling-hash.ts';
import { UploadWriters } from './writers.ts';

/** What an upload receives before its dead buffers are freed, in bytes. */
const freeAfter = 8 * 1024 * 1024;

/** Where a chunk says that it begins, in bytes; without it, it begins where the session ends. */
export interface AppendOptions {
  readonly start?: number | undefined;
}

/** A chunk that does not begin where the session ends. The session lives on. */
export class OutOfOrder extends Error {
  override readonly name = 'OutOfOrder';
  readonly offset: number;

  constructor(offset: number) {
    super(`the chunk does not begin at ${offset}`);
    this.offset = offset;
  }
}

/**
 * Uploads of blobs: rows of the database and files in storage together. Unknown sessions are `BLOB_UPLOAD_UNKNOWN`. A
 * session survives the end of the process, and a power cut may take it; a blob survives both.
 */
export class UploadStore {
  readonly #context: StoreContext;
  readonly #freeBuffers: () => void;
  readonly #writers = new UploadWriters();

  /** `freeBuffers` is called after every {@link freeAfter} bytes that were received. */
  constructor(context: StoreContext, freeBuffers: () => void = () => {}) {
    this.#context = context;
    this.#freeBuffers = freeBuffers;
  }

  /** `algorithm` is that of the digest which the client will name, where he says so; another one costs a second reading. */
  async start(
    repository: RepositoryName,
    accountId: string | null,
    algorithm: DigestAlgorithm = 'sha256',
  ): Promise<UploadKey> {
    const key = { id: randomUUID(), repository, accountId };
    const insert = (trx: Writer) => insertUpload(trx, key, algorithm, Date.now());
    await this.#context.database.transaction(insert, { relaxed: true });
    return key;
  }

  /** Bytes received so far. */
  async offset(key: UploadKey): Promise<number> {
    await this.#require(key);
    return (await this.#context.storage.stat(uploadPath(key.id)))?.size ?? 0;
  }

  /**
   * Appends `body` and resolves to the new offset. What arrived before the client hung up stays, and is where the
   * session goes on.
   */
  async append(key: UploadKey, body: Body, options: AppendOptions = {}): Promise<number> {
    return this.#write(key, body, options, async (writer, hash) => {
      await writer.close();
      return hash.size;
    });
  }

  /**
   * Appends `body`, and makes the session a blob of its repository. When it resolves, the blob is durable. Where the
   * bytes have another digest, `DIGEST_INVALID`, and the session is gone.
   */
  async finish(key: UploadKey, digest: Digest, body: Body, options: AppendOptions = {}): Promise<void> {
    const known = await findStoredBlob(this.#context.database.reader, digest);
    await this.#write(key, body, options, async (writer, hash, fence) => {
      const sync = known === undefined;
      await this.#verify(key, digest, writer, hash, sync);
      if (sync) await this.#moveToBlob(key, digest, fence);
      await this.#commit(key, { digest, size: hash.size, path: known?.path ?? blobPath(digest) }, fence);
      if (!sync) await this.#drop(uploadPath(key.id));
    });
  }

  async cancel(key: UploadKey): Promise<void> {
    await this.#require(key);
    const leave = await this.#writers.enter(key.id);
    try {
      await this.#remove(key.id);
    } finally {
      leave();
    }
  }

  /**
   * Ends sessions in which nothing was written since `before`, in milliseconds since 1970, and resolves to their ids;
   * with `dryRun` they are only found.
   */
  async purge(before: number, { dryRun }: { readonly dryRun: boolean }): Promise<string[]> {
    const abandoned = await listAbandoned(this.#context.database.reader, before);
    const idle = abandoned.filter((id) => !this.#writers.isActive(id));
    if (!dryRun) for (const id of idle) await this.#remove(id);
    return idle;
  }

  /** For the start of the server: ends sessions that a crash left between the move of their bytes and the commit. */
  async recover(): Promise<void> {
    const { database, storage } = this.#context;
    for (const { id, digest } of await listUnfinished(database.reader)) {
      const known = await findStoredBlob(database.reader, digest);
      if (known === undefined) await storage.delete(blobPath(digest));
      await this.#remove(id);
    }
  }

  /** Before anything is touched: the session of somebody else does not exist. */
  async #require(key: UploadKey): Promise<void> {
    const known = await hasUpload(this.#context.database.reader, key);
    if (!known) throw new OciError('BLOB_UPLOAD_UNKNOWN');
  }

  /** Appends `body` as the only writer of the session, and then does `end` while it still is. */
  async #write<Result>(
    key: UploadKey,
    body: Body,
    { start }: AppendOptions,
    end: (writer: FileWriter, hash: RollingHash, fence: number) => Promise<Result>,
  ): Promise<Result> {
    const { database, storage } = this.#context;
    await this.#require(key);
    const leave = await this.#writers.enter(key.id, () => body.destroy());
    try {
      const claim = await database.transaction((trx) => claimUpload(trx, key, Date.now()), { relaxed: true });
      if (claim === undefined) throw new OciError('BLOB_UPLOAD_UNKNOWN');
      const writer = await storage.append(uploadPath(key.id));
      try {
        if (start !== undefined && start !== writer.size) throw new OutOfOrder(writer.size);
        const hash = await this.#hashOf(key.id, writer.size, claim.algorithm);
        await this.#receive(body, writer, hash);
        return await end(writer, hash, claim.fence);
      } finally {
        await writer.close();
      }
    } finally {
      leave();
    }
  }

  async #receive(body: Body, writer: FileWriter, hash: RollingHash): Promise<void> {
    let held = 0;
    for await (const chunk of arriving(body)) {
      hash.update(chunk);
      await writer.write(chunk);
      held += chunk.length;
      if (held < freeAfter) continue;
      this.#freeBuffers();
      held = 0;
    }
  }

  async #hashOf(id: string, size: number, algorithm: DigestAlgorithm): Promise<RollingHash> {
    const kept = size === 0 ? new RollingHash(algorithm) : this.#writers.hash(id, size);
    const hash = kept ?? (await RollingHash.ofFile(this.#context.storage, uploadPath(id), algorithm));
    this.#writers.keepHash(id, hash);
    return hash;
  }

  /** The bytes are read again only where they were hashed by another algorithm as they came. */
  async #verify(
    key: UploadKey,
    digest: Digest,
    writer: FileWriter,
    hash: RollingHash,
    sync: boolean,
  ): Promise<void> {
    const { algorithm } = digestParts(digest);
    const hashed = algorithm === hash.algorithm;
    if (hashed && hash.digest() !== digest) await this.#refuse(key, digest, writer);
    await writer.close({ sync });
    if (hashed) return;
    const again = await RollingHash.ofFile(this.#context.storage, uploadPath(key.id), algorithm);
    if (again.digest() !== digest) await this.#refuse(key, digest, writer);
  }

  async #refuse(key: UploadKey, digest: Digest, writer: FileWriter): Promise<never> {
    await writer.close();
    await this.#remove(key.id);
    throw new OciError('DIGEST_INVALID', {
      message: `the uploaded content does not have the digest ${digest}; the upload has ended`,
    });
  }

  /** The digest is noted first, so that a crash after the move leaves no file that nobody knows of. */
  async #moveToBlob(key: UploadKey, digest: Digest, fence: number): Promise<void> {
    const { database, storage } = this.#context;
    const note = (trx: Writer) => noteDigest(trx, key.id, fence, digest);
    const last = await database.transaction(note, { relaxed: true });
    if (!last) throw overtaken();
    await storage.move(uploadPath(key.id), blobPath(digest));
  }

  async #commit(key: UploadKey, blob: Blob, fence: number): Promise<void> {
    const now = Date.now();
    await this.#context.database.transaction(async (trx) => {
      if (!(await endUpload(trx, key.id, fence))) throw overtaken();
      const repository = await ensureRepository(trx, key.repository, now);
      await insertBlob(trx, blob, now);
      await linkBlob(trx, repository.id, blob.digest, now);
    });
    this.#writers.forget(key.id);
  }

  /** What is not needed any more, after the answer is decided: a failure wastes space and nothing else. */
  async #drop(path: string): Promise<void> {
    const { storage, logger } = this.#context;
    await storage.delete(path).catch((error: unknown) => logger.warn({ path, error }, 'a file stays behind'));
  }

  async #remove(id: string): Promise<void> {
    this.#writers.forget(id);
    await this.#context.database.transaction((trx) => deleteUpload(trx, id), { relaxed: true });
    await this.#context.storage.delete(uploadPath(id));
  }
}

function overtaken(): OciError {
  return new OciError('BLOB_UPLOAD_INVALID', { message: 'another request has taken over the upload' });
}
