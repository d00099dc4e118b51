import { isPathSegment } from '@berth/storage';

/** No segment of a path has a `!`, so no file can be taken for the tail of another one. */
const TAIL = '!tail';

/** A key as a path, and what lies there. */
export interface KnownKey {
  readonly path: string;
  readonly isTail: boolean;
}

/**
 * Every key in the bucket, below the root directory:
 *
 *   <path>         a file
 *   <path>!tail    what is too short to be a part of the unfinished file at <path>
 */
export class Keys {
  readonly #root: string;

  constructor(rootDirectory = '') {
    const segments = rootDirectory.split('/').filter((segment) => segment !== '');
    this.#root = segments.map((segment) => `${segment}/`).join('');
  }

  file(path: string): string {
    return this.#root + path;
  }

  tail(path: string): string {
    return this.file(path) + TAIL;
  }

  /** What the keys of all files below a folder begin with; `''` is the root. */
  below(folder: string): string {
    return folder === '' ? this.#root : `${this.file(folder)}/`;
  }

  /** `undefined` for a key that is none of ours. */
  parse(key: string): KnownKey | undefined {
    if (!key.startsWith(this.#root)) return undefined;
    const isTail = key.endsWith(TAIL);
    const path = key.slice(this.#root.length, isTail ? -TAIL.length : undefined);
    return path.split('/').every(isPathSegment) ? { path, isTail } : undefined;
  }
}
