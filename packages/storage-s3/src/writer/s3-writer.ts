import { StorageError, type FileWriter } from '@berth/storage';

import type { Bucket } from '../bucket.ts';
import { inspectFile, type FileState } from '../file-state.ts';
import { createUpload } from '../multipart.ts';
import { deleteObject } from '../objects.ts';
import { finishUpload } from './finish-upload.ts';
import { PartBuffer } from './part-buffer.ts';
import { partSize } from './part-sizes.ts';
import { PartUploader } from './part-uploader.ts';
import { resumeFile } from './resume-file.ts';
import { writeSmallFile, writeTail } from './small-objects.ts';

/** A file, and what a reader or a writer of it needs to know of the storage. */
export interface Destination {
  readonly bucket: Bucket;
  readonly path: string;
  readonly chunkSize: number;
}

/** The signal stops only the opening: a write that has begun goes on, since `close` keeps what was written. */
export async function openWriter(to: Destination, signal?: AbortSignal): Promise<FileWriter> {
  return new S3Writer(to, await inspectFile(to.bucket, to.path, signal));
}

/**
 * A file that is shorter than a part is one object from the beginning. A longer one is a multipart upload: `close` keeps it
 * open, with what is too short for a part in an object of its own, the tail, and `close` with `sync` completes it.
 *
 * What the file had before is fetched at the first write only, after another look at it: a `read` may have finished the file
 * since it was opened.
 */
class S3Writer implements FileWriter {
  readonly #to: Destination;
  readonly #opened: FileState;
  #size: number;
  /** What was there when writing began. */
  #state: FileState | undefined;
  #buffer = new PartBuffer();
  #parts: PartUploader | undefined;

  constructor(to: Destination, opened: FileState) {
    this.#to = to;
    this.#opened = opened;
    this.#size = opened.size;
  }

  get size(): number {
    return this.#size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return;
    await this.#resume();
    for (let taken = 0; taken < chunk.length;) {
      if (this.#buffer.length >= this.#capacity) await this.#startPart();
      taken += this.#buffer.append(chunk.subarray(taken), this.#capacity);
    }
    this.#size += chunk.length;
  }

  /** Behind a part that failed nothing is kept: whoever waits for that part gets its error. */
  async close({ sync = false }: { readonly sync?: boolean } = {}): Promise<void> {
    if (!this.#state && (this.#opened.kind === 'object' || (this.#opened.kind === 'upload' && !sync))) return;
    await this.#resume();
    if (!this.#parts) return writeSmallFile(this.#to, this.#buffer.bytes, this.#state);
    await (sync ? this.#finish(this.#parts) : this.#keep(this.#parts));
  }

  get #capacity(): number {
    return this.#parts?.nextSize ?? partSize(this.#to.chunkSize, 1);
  }

  async #resume(): Promise<void> {
    if (this.#state) return;
    const { bucket, path } = this.#to;
    const state = this.#opened.kind === 'none' ? this.#opened : await inspectFile(bucket, path);
    if (state.size !== this.#size) throw new StorageError('IO_ERROR', 'another writer has changed the file');
    this.#parts = await resumeFile(this.#to, state, this.#buffer);
    this.#state = state;
  }

  async #startPart(): Promise<void> {
    const isFirst = this.#parts === undefined;
    this.#parts ??= await this.#begin();
    this.#buffer = await this.#parts.start(this.#buffer);
    if (isFirst && this.#state?.kind === 'object') await this.#removeBeginning(this.#parts);
  }

  async #begin(): Promise<PartUploader> {
    const { bucket, path, chunkSize } = this.#to;
    return new PartUploader(bucket, chunkSize, await createUpload(bucket, bucket.keys.file(path)), []);
  }

  /** The object with the first bytes goes as soon as they are a part: it would look as if it were the whole file. */
  async #removeBeginning(parts: PartUploader): Promise<void> {
    await parts.finished();
    await deleteObject(this.#to.bucket, this.#to.bucket.keys.file(this.#to.path));
  }

  async #keep(uploader: PartUploader): Promise<void> {
    if (this.#buffer.length >= uploader.nextSize) this.#buffer = await uploader.start(this.#buffer);
    const { size } = await uploader.finished();
    if (this.#buffer.length > 0) await writeTail(this.#to, uploader.upload.id, size, this.#buffer.bytes);
  }

  async #finish(uploader: PartUploader): Promise<void> {
    if (this.#buffer.length > 0) this.#buffer = await uploader.start(this.#buffer);
    const { parts } = await uploader.finished();
    const hasTail = this.#state?.kind === 'upload' && this.#state.hasTail;
    await finishUpload(this.#to, uploader.upload, parts, { hasTail });
  }
}
