import { StorageError } from '@berth/storage';

import type { Bucket } from '../bucket.ts';
import { sizeOf } from '../file-state.ts';
import { uploadPart, type Part, type UploadReference } from '../multipart.ts';
import { PartBuffer } from './part-buffer.ts';
import { MOST_PARTS, partSize } from './part-sizes.ts';

/**
 * The parts of one multipart upload. One is on its way while the next one fills: that is all that is in memory. They
 * go one after the other, so that a crash leaves no gap.
 */
export class PartUploader {
  readonly #bucket: Bucket;
  readonly #chunkSize: number;
  readonly upload: UploadReference;
  readonly #parts: Part[];
  #started: number;
  #uploading: Promise<unknown> = Promise.resolve();
  #spare = new PartBuffer();

  constructor(bucket: Bucket, chunkSize: number, upload: UploadReference, parts: readonly Part[]) {
    this.#bucket = bucket;
    this.#chunkSize = chunkSize;
    this.upload = upload;
    this.#parts = [...parts];
    this.#started = parts.length;
  }

  /** Of the part that fills next, in bytes. */
  get nextSize(): number {
    return partSize(this.#chunkSize, this.#started + 1);
  }

  /** Starts to upload what is in `buffer`, as soon as the part before it is there; resolves to the buffer to go on with. */
  async start(buffer: PartBuffer): Promise<PartBuffer> {
    await this.#uploading;
    this.#started += 1;
    if (this.#started > MOST_PARTS) throw new StorageError('IO_ERROR', `more than ${MOST_PARTS} parts`);
    this.#uploading = this.#send(buffer, this.#started);
    // The error comes from whoever waits for it next.
    this.#uploading.catch(() => undefined);
    const next = this.#spare;
    this.#spare = buffer;
    next.clear();
    return next;
  }

  /** All parts, when they are there. */
  async finished(): Promise<{ readonly parts: readonly Part[]; readonly size: number }> {
    await this.#uploading;
    return { parts: this.#parts, size: sizeOf(this.#parts) };
  }

  async #send(buffer: PartBuffer, number: number): Promise<void> {
    this.#parts.push(await uploadPart(this.#bucket, this.upload, number, buffer.bytes));
  }
}
