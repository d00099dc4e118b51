import { dirname } from 'node:path';
import type { FileHandle } from 'node:fs/promises';

import { StorageError, type FileWriter } from '@berth/storage';

import type { DurableFolders } from './durable-folders.ts';
import { FileSync } from './file-sync.ts';
import { APPENDING, FILE_MODE, type FileSystem } from './file-system.ts';
import { unlessMissing } from './native-errors.ts';
import { writeAll } from './write-all.ts';

const BATCH_BYTES = 1024 * 1024;
/** `IOV_MAX` of Linux: more would be several system calls anyway. */
const BATCH_CHUNKS = 1024;

export interface Appending {
  readonly fs: FileSystem;
  readonly folders: DurableFolders;
  /** What is left free on the disk, in bytes. */
  readonly reserve: number;
}

/** Opens the file for appending; it and its folders are made where they do not exist. */
export async function openAppender({ fs, folders, reserve }: Appending, file: string): Promise<FileWriter> {
  const handle = await openOrCreate(fs, folders, file);
  try {
    const { size } = await handle.stat();
    return new FileAppender(handle, size, {
      disk: new FileSync(handle, () => fs.rm(file, { force: true })),
      requireRoom: (bytes) => requireRoom(fs, file, bytes + reserve),
    });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openOrCreate(fs: FileSystem, folders: DurableFolders, file: string): Promise<FileHandle> {
  const open = () => fs.open(file, APPENDING, FILE_MODE);
  const existing = await unlessMissing(open, null);
  if (existing) return existing;
  await folders.make(dirname(file));
  return open();
}

async function requireRoom(fs: FileSystem, file: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await fs.statfs(file);
  if (bavail * bsize >= bytes) return;
  throw new StorageError('NO_SPACE', `less than ${bytes} bytes are free on the disk`);
}

interface Surroundings {
  readonly disk: FileSync;
  /** Rejects where so many bytes, in addition to the reserve, do not fit on the disk. */
  readonly requireRoom: (bytes: number) => Promise<void>;
}

/**
 * Collects chunks to batches of 1 MiB. While one batch is being written the next one collects, so that hashing and
 * the disk overlap, and `write` waits when both are full: that bounds the memory of an upload to two batches.
 */
class FileAppender implements FileWriter {
  readonly #handle: FileHandle;
  readonly #around: Surroundings;
  #size: number;
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(handle: FileHandle, size: number, around: Surroundings) {
    this.#handle = handle;
    this.#size = size;
    this.#around = around;
  }

  get size(): number {
    return this.#size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure;
    this.#batch.push(chunk);
    this.#batchBytes += chunk.length;
    this.#size += chunk.length;
    if (this.#batchBytes >= BATCH_BYTES || this.#batch.length >= BATCH_CHUNKS) await this.#startBatch();
  }

  async close({ sync = false }: { readonly sync?: boolean } = {}): Promise<void> {
    try {
      await this.#startBatch();
      await this.#writing;
      await this.#around.disk.end({ sync });
      if (sync) await this.#requireAlone();
    } finally {
      await this.#around.disk.settled();
      await this.#handle.close();
    }
  }

  /** Waits for the batch under way: where that failed, this one must not follow it. */
  async #startBatch(): Promise<void> {
    await this.#writing;
    if (this.#batch.length === 0) return;
    this.#writing = this.#writeBatch(this.#batch, this.#batchBytes);
    this.#writing.catch((error: unknown) => {
      this.#failure = error;
    });
    this.#batch = [];
    this.#batchBytes = 0;
  }

  async #writeBatch(batch: Uint8Array[], bytes: number): Promise<void> {
    await this.#around.requireRoom(bytes);
    await writeAll(this.#handle, batch);
    this.#around.disk.wrote(bytes);
  }

  async #requireAlone(): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size === this.#size) return;
    throw new StorageError('IO_ERROR', `another writer appended: ${size} bytes instead of ${this.#size}`);
  }
}
