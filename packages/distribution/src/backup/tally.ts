import { holdersOf, type DamagedBlob, type Verifiable } from '../metadata/integrity.ts';
import type { Reader } from '../metadata/schema/tables.ts';

export interface CopyReport {
  /** Looked at so far. */
  readonly blobs: number;
  readonly bytes: number;
  /** All that there are. */
  readonly of: { readonly blobs: number; readonly bytes: number };
  /** Were not there already. */
  readonly copied: number;
  readonly copiedBytes: number;
  /** They could not be copied. */
  readonly lost: readonly DamagedBlob[];
  /** Were in quarantine before, and cannot be copied. */
  readonly quarantined: number;
}

/** Counts what is copied. */
export class Tally {
  blobs = 0;
  bytes = 0;
  copied = 0;
  copiedBytes = 0;
  quarantined = 0;
  readonly lost: DamagedBlob[] = [];
  readonly of: CopyReport['of'];
  readonly #db: Reader;

  constructor(db: Reader, of: CopyReport['of']) {
    this.#db = db;
    this.of = of;
  }

  copy({ size }: Verifiable): void {
    this.copied += 1;
    this.copiedBytes += size;
  }

  /** One in quarantine is known to be damaged. */
  async lose({ digest, quarantined }: Verifiable, reason: string): Promise<void> {
    if (quarantined) this.quarantined += 1;
    else this.lost.push({ digest, reason, repositories: await holdersOf(this.#db, digest) });
  }

  get report(): CopyReport {
    const { blobs, bytes, of, copied, copiedBytes, lost, quarantined } = this;
    return { blobs, bytes, of, copied, copiedBytes, lost, quarantined };
  }
}
