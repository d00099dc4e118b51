import { dirname, join, relative, sep } from 'node:path';

import { FOLDER_MODE, type FileSystem } from './file-system.ts';

/** Over this the memory is emptied, which costs some syncs and nothing else. */
const MOST_KNOWN = 4096;

/**
 * Makes the names of files durable. A new name is on the disk when the folder that has it was fsynced, and so is
 * that folder's name in its parent, up to the root.
 *
 * That a folder exists does not say that it was synced: another upload, or another process, may have made it a moment
 * ago. So a folder counts as durable only when this object itself synced its parent while it existed; those are
 * remembered, since `sha256/ab` serves many blobs.
 */
export class DurableFolders {
  readonly #fs: FileSystem;
  readonly #root: string;
  readonly #known = new Set<string>();
  #rootMade: Promise<void> | undefined;

  constructor(fs: FileSystem, root: string) {
    this.#fs = fs;
    this.#root = root;
  }

  /** Makes the folder with all above it. Below the root they are durable after {@link syncNames} only. */
  async make(folder: string): Promise<void> {
    this.#rootMade ??= this.#makeRoot();
    await this.#rootMade;
    const made = await this.#mkdir(folder);
    if (made !== undefined) this.forget(made);
  }

  /**
   * Syncs `folder`, in which a name is new, and each folder above whose entry on the way may not be durable; at once,
   * since the journal of a file system commits them together.
   */
  async syncNames(folder: string): Promise<void> {
    const chain = this.#belowRoot(folder);
    const parents = chain.filter((each) => !this.#known.has(each)).map((each) => dirname(each));
    await Promise.all([folder, ...parents].map((each) => this.sync(each)));
    // The last one is the folder of one blob: there are as many as blobs.
    this.#remember(chain.slice(0, -1));
  }

  async sync(folder: string): Promise<void> {
    await using handle = await this.#fs.open(folder, 'r');
    await handle.sync();
  }

  /** Forgets the folder and all below it: made again, they are not durable. */
  forget(folder: string): void {
    for (const known of this.#known) {
      if (known === folder || known.startsWith(folder + sep)) this.#known.delete(known);
    }
  }

  async #makeRoot(): Promise<void> {
    try {
      const made = await this.#mkdir(this.#root);
      if (made === undefined) return;
      for (let folder = this.#root; folder.length >= made.length; folder = dirname(folder)) {
        await this.sync(dirname(folder));
      }
    } catch (error) {
      this.#rootMade = undefined;
      throw error;
    }
  }

  /** The topmost folder that did not exist before. */
  #mkdir(folder: string): Promise<string | undefined> {
    return this.#fs.mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  }

  #remember(folders: readonly string[]): void {
    if (this.#known.size > MOST_KNOWN) this.#known.clear();
    for (const folder of folders) this.#known.add(folder);
  }

  /** `/root/a/b` gives `/root/a` and `/root/a/b`. */
  #belowRoot(folder: string): string[] {
    const names = relative(this.#root, folder).split(sep).filter(Boolean);
    return names.map((_, index) => join(this.#root, ...names.slice(0, index + 1)));
  }
}
