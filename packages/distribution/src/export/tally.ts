import { Names, type Several } from '../jobs/several.ts';

/** Why something is not exported. */
const omissions = {
  sha512:
    'registry:2 and registry:3 take no manifest by its sha512, and their collection deletes blobs that are known by theirs',
  'wrong-bytes': 'the bytes are not those of the digest',
  'missing-blob': 'the blob is not in storage',
} as const;

type Omission = keyof typeof omissions;

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
    const skipped = [...this.#skipped].map(([reason, names]) => {
      return { reason, text: omissions[reason], ...names.found };
    });
    const removed = this.removed.found;
    return { dryRun, repositories, blobs, manifests, tags, written, copied, copiedBytes, removed, skipped };
  }
}
