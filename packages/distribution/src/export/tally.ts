/** Why something is not exported. */
export const omissions = {
  sha512:
    'registry:2 and registry:3 take no manifest by its sha512, and their collection deletes blobs that are known by theirs',
  'wrong-bytes': 'the bytes are not those of the digest',
  'missing-blob': 'the blob is not in storage',
} as const;

export type Omission = keyof typeof omissions;

/** Several of one kind. */
export interface Several {
  readonly count: number;
  /** The first hundred. */
  readonly first: readonly string[];
}

export interface ExportReport {
  /** Nothing was written: these are the numbers of what would have been done. */
  readonly dryRun: boolean;
  readonly repositories: number;
  /** Links to blobs, one for each repository that holds one. */
  readonly blobs: number;
  readonly manifests: number;
  readonly tags: number;
  /** Files that were missing in the tree, or wrong. */
  readonly written: number;
  /** Blobs that lay elsewhere, and their bytes. */
  readonly copied: number;
  readonly copiedBytes: number;
  /** Links of what is not in Berth any more. */
  readonly removed: Several;
  readonly skipped: readonly (Several & { readonly reason: Omission; readonly text: string })[];
}

const mostNamed = 100;

class Names implements Several {
  count = 0;
  readonly first: string[] = [];

  add(name: string): void {
    this.count += 1;
    if (this.first.length < mostNamed) this.first.push(name);
  }
}

/** Counts what an export does. */
export class Tally {
  repositories = 0;
  blobs = 0;
  manifests = 0;
  tags = 0;
  written = 0;
  copied = 0;
  copiedBytes = 0;
  readonly removed = new Names();
  readonly #skipped = new Map<Omission, Names>();

  skip(reason: Omission, name: string): void {
    const names = this.#skipped.get(reason) ?? new Names();
    this.#skipped.set(reason, names);
    names.add(name);
  }

  report(dryRun: boolean): ExportReport {
    const { repositories, blobs, manifests, tags, written, copied, copiedBytes } = this;
    const skipped = [...this.#skipped].map(([reason, { count, first }]) => {
      return { reason, text: omissions[reason], count, first };
    });
    const removed = { count: this.removed.count, first: this.removed.first };
    return { dryRun, repositories, blobs, manifests, tags, written, copied, copiedBytes, removed, skipped };
  }
}
