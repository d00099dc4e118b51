/**
 * Where blob bytes are kept. A driver only does I/O: `checkedDriver` checks its arguments and its errors once,
 * for every driver.
 *
 * A path is relative, of segments `[A-Za-z0-9._-]+` joined by `/`; no segment is `.` or `..`.
 * A segment has at most 255 characters, a path 768. No path names both a file and a folder.
 * What only some drivers can do is in `capabilities.ts`.
 * Every member rejects with a {@link StorageError} and with nothing else, except for an aborted signal, whose
 * reason it rejects with.
 */
export interface StorageDriver {
  /** The size in bytes of the file at `path`, or `null` where there is none. A folder is not a file. */
  stat(path: string, options?: StorageOptions): Promise<FileStat | null>;

  /**
   * The bytes of the file, in chunks, from `start` (default 0) up to and without `end` (default, and at most: its size).
   * A chunk is valid only until the next one is asked for, since drivers reuse their buffers: who writes it to a
   * socket waits for the callback of that write first.
   *
   * Of a file that is not finished it gives what earlier writers closed. A driver that keeps unfinished files in a way of
   * its own finishes this one first, which is why nobody may be writing to it.
   *
   * Rejects with `NOT_FOUND` before the first chunk where there is no file, with `INVALID_RANGE` where `start` lies
   * behind its end. A `start` at its end is an empty range.
   */
  read(path: string, options?: ReadOptions): AsyncIterable<Uint8Array>;

  /**
   * Opens a writer that appends to the file at `path`, made with its folders where it does not exist.
   * What was written before, in this process or in another, stays: `writer.size` starts at its length.
   * The signal also ends writing: after an abort `write` rejects, and `close` still keeps what had come.
   */
  append(path: string, options?: StorageOptions): Promise<FileWriter>;

  /**
   * Moves the file, in one step, over the one at `to` where there is one. When it resolves the move is durable: a power
   * cut leaves the file at `to`, with every folder on the way. Rejects with `NOT_FOUND` where there is no file at
   * `from`. After any other error the file is whole, at `from` or at `to`.
   */
  move(from: string, to: string, options?: StorageOptions): Promise<void>;

  /** Removes the file, or the folder with everything in it. Where there is nothing it resolves. */
  delete(path: string, options?: StorageOptions): Promise<void>;

  /** The paths of all files below the folder `prefix` (`''` for all), in no order. A folder that does not exist is empty. */
  list(prefix: string, options?: StorageOptions): AsyncIterable<string>;
}

/**
 * Appends to one file. One writer a file: who opens a second one must have closed the first.
 *
 * After an error every further `write` and `close` rejects with it, and how much of the file was written only
 * `stat` and the next writer know. A writer is always closed, also after an error: `close` is what releases it.
 */
export interface FileWriter {
  /** Bytes in the file so far, those of earlier writers and those still in a buffer included. */
  readonly size: number;

  /**
   * Appends `chunk`, which the caller must not change afterwards. Resolves when the writer can take more, which may
   * be before the bytes are written: their error then comes from the next call.
   */
  write(chunk: Uint8Array): Promise<void>;

  /**
   * Writes what is buffered and closes. With `sync`, resolves only when the bytes are on the disk (fsync) and the file is
   * finished. After a failed sync a driver that no longer knows what is on the disk removes the file, and never syncs it
   * again: the kernel may have dropped the pages. It is the bytes that are safe then, and not yet their name: that is
   * what `move` promises.
   *
   * Closing again answers as the first time did.
   */
  close(options?: { readonly sync?: boolean }): Promise<void>;
}

export interface FileStat {
  /** In bytes. */
  readonly size: number;
}

export interface StorageOptions {
  readonly signal?: AbortSignal;
}

export interface ReadOptions extends StorageOptions {
  /** First byte, from 0. */
  readonly start?: number;
  /** The byte after the last one. */
  readonly end?: number;
}
