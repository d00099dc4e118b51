import { randomUUID } from 'node:crypto';
import {
  digestParts,
  OciError,
  type Digest,
  type DigestAlgorithm,
  type RepositoryName,
} from '@berth/protocol';
import { canSweep, type FileWriter } from '@berth/storage';
import { uploadPath, uploadsFolder } from '../layout.ts';
import { findStoredBlob } from '../metadata/blobs.ts';
import {
  claimUpload,
  deleteUpload,
  hasUpload,
  insertUpload,
  listAbandoned,
  listUnfinished,
  noteDigest,
  type UploadClaim,
  type UploadKey,
} from '../metadata/uploads.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { arriving, type Body } from './body.ts';
import { ofSession, type StoreContext } from './context.ts';
import { Deletions } from './deletions.ts';
import { makeBlob, settle } from './finishing.ts';
import { RollingHash } from './rolling-hash.ts';
import { UploadWriters } from './writers.ts';

/** How much an upload receives before the buffers that it is done with are freed, in bytes. */
const freeAfter = 8 * 1024 * 1024;

/** Where a chunk says that it begins, in bytes; without it, it begins where the session ends. */
export interface AppendOptions {
  readonly start?: number | undefined;
  /** Asked when all of the body is there; where it throws, the session stays a session. */
  readonly arrived?: () => Promise<unknown>;
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
  readonly #deletions: Deletions;
  readonly #writers = new UploadWriters();

  /** `freeBuffers` is called after every {@link freeAfter} bytes that were received. */
  constructor(context: StoreContext, freeBuffers: () => void = () => {}) {
    this.#context = context;
    this.#deletions = new Deletions(context);
    this.#freeBuffers = freeBuffers;
  }

  /** `algorithm` is that of the digest that the client will name, if known; with another one the bytes are read twice. */
  async start(
    repository: RepositoryName,
    accountId: string | null,
    algorithm: DigestAlgorithm = 'sha256',
  ): Promise<UploadKey> {
    const key = { id: randomUUID(), repository, accountId };
    const insert = (trx: Writer) => insertUpload(trx, key, algorithm, this.#context.now());
    await this.#context.database.transaction(insert, ofSession);
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
    const synced = known === undefined;
    await this.#write(key, body, options, async (writer, hash, fence) => {
      await options.arrived?.();
      await this.#verify(key, digest, writer, hash, synced);
      await makeBlob(this.#context, this.#deletions, { key, fence, digest, size: hash.size, synced });
      this.#writers.forget(key.id);
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
    if (dryRun) return idle;
    for (const id of idle) await this.#remove(id);
    const { storage } = this.#context;
    if (canSweep(storage)) await storage.sweep(uploadsFolder, new Date(before));
    return idle;
  }

  /** For the start of the server: ends sessions that a crash left between the note of their digest and the commit. */
  async recover(): Promise<void> {
    for (const id of await listUnfinished(this.#context.database.reader)) await this.#remove(id);
  }

  /** Comes before anything is touched: for others than its owner a session does not exist. */
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
    if (!this.#writers.isKnown(key)) await this.#require(key);
    const leave = await this.#writers.enter(key.id, () => body.destroy());
    try {
      const claim = await database.transaction((trx) => this.#claim(trx, key), ofSession);
      const writer = await storage.append(uploadPath(key.id));
      try {
        if (start !== undefined && start !== writer.size) throw new OutOfOrder(writer.size);
        const hash = await this.#hashOf(key, writer.size, claim.algorithm);
        await this.#receive(body, writer, hash);
        return await end(writer, hash, claim.fence);
      } finally {
        await writer.close();
      }
    } finally {
      leave();
    }
  }

  async #claim(trx: Writer, key: UploadKey): Promise<UploadClaim> {
    const now = this.#context.now();
    const claim = await claimUpload(trx, key, now);
    if (claim === undefined) throw new OciError('BLOB_UPLOAD_UNKNOWN');
    if (claim.digest !== null) {
      await noteDigest(trx, key.id, claim.fence, null);
      await settle(trx, claim.digest, now);
    }
    return claim;
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

  async #hashOf(key: UploadKey, size: number, algorithm: DigestAlgorithm): Promise<RollingHash> {
    const kept = size === 0 ? new RollingHash(algorithm) : this.#writers.hash(key.id, size);
    const hash = kept ?? (await RollingHash.ofFile(this.#context.storage, uploadPath(key.id), algorithm));
    this.#writers.keepHash(key, hash);
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

  /** With the session goes its file, and the one that it may have moved without a commit. */
  async #remove(id: string): Promise<void> {
    const { database, now } = this.#context;
    this.#writers.forget(id);
    const useless = await database.transaction(
      async (trx) => {
        const upload = await deleteUpload(trx, id);
        if (upload === undefined) return undefined;
        await settle(trx, upload.digest, now());
        return this.#deletions.begin(trx, uploadPath(id));
      },
      { relaxed: true },
    );
    if (useless !== undefined) await this.#deletions.finish(useless);
  }
}
