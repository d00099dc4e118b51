import { setTimeout as sleep } from 'node:timers/promises';
import { digestParts } from '@berth/protocol';
import { StorageError } from '@berth/storage';
import type { JobControl } from '../jobs/jobs.ts';
import {
  holdersOf,
  pagesOfBlobs,
  quarantine,
  sumBlobs,
  type DamagedBlob,
  type Verifiable,
} from '../metadata/integrity.ts';
import type { StoreContext } from '../stores/context.ts';
import { RollingHash } from '../stores/rolling-hash.ts';

export interface VerifyOptions {
  /** How many blobs of a hundred, chosen at random. */
  readonly percent: number;
  /** Bytes that are read in a second at most; 0: as many as come. */
  readonly rate: number;
}

export interface VerifyReport {
  /** Read so far. */
  readonly blobs: number;
  readonly bytes: number;
  /** All that there are. */
  readonly of: { readonly blobs: number; readonly bytes: number };
  /** In quarantine since: their bytes are not those of their digest, or are not there. */
  readonly damaged: readonly DamagedBlob[];
  /** Out of quarantine: their bytes are right again. */
  readonly healed: readonly string[];
  /** Storage failed to say; nothing was changed. */
  readonly unreadable: readonly DamagedBlob[];
}

/** Reads blobs and compares them with their digests. What is damaged does not exist any more, until it is pushed again. */
export async function verifyBlobs(
  context: StoreContext,
  options: VerifyOptions,
  control: JobControl,
): Promise<VerifyReport> {
  const verification = new Verification(context, options, control, await sumBlobs(context.database.reader));
  await verification.run();
  return verification.report;
}

class Verification {
  readonly #context: StoreContext;
  readonly #options: VerifyOptions;
  readonly #control: JobControl;
  readonly #started = performance.now();
  readonly #damaged: DamagedBlob[] = [];
  readonly #healed: string[] = [];
  readonly #unreadable: DamagedBlob[] = [];
  readonly #of: VerifyReport['of'];
  #blobs = 0;
  #bytes = 0;

  constructor(context: StoreContext, options: VerifyOptions, control: JobControl, of: VerifyReport['of']) {
    this.#context = context;
    this.#options = options;
    this.#control = control;
    this.#of = of;
  }

  get report(): VerifyReport {
    return {
      blobs: this.#blobs,
      bytes: this.#bytes,
      of: this.#of,
      damaged: this.#damaged,
      healed: this.#healed,
      unreadable: this.#unreadable,
    };
  }

  async run(): Promise<void> {
    const { signal } = this.#control;
    for await (const page of pagesOfBlobs(this.#context.database.reader)) {
      for (const blob of page) {
        if (signal.aborted) return;
        if (blob.quarantined || Math.random() * 100 < this.#options.percent) await this.#verify(blob);
        this.#control.report(this.report);
      }
    }
  }

  async #verify(blob: Verifiable): Promise<void> {
    const reason = await this.#compare(blob).catch((error: unknown) => {
      if (!(error instanceof StorageError)) throw error;
      if (error.code === 'NOT_FOUND') return 'its file is missing';
      return { unreadable: `it cannot be read: ${error.code}` };
    });
    this.#blobs += 1;
    if (typeof reason === 'object') await this.#note(this.#unreadable, blob, reason.unreadable);
    else if (reason !== undefined) await this.#damage(blob, reason);
    else if (blob.quarantined) await this.#heal(blob);
  }

  /** What is wrong, or nothing. */
  async #compare({ digest, size, path }: Verifiable): Promise<string | undefined> {
    const { signal } = this.#control;
    const hash = new RollingHash(digestParts(digest).algorithm);
    for await (const chunk of this.#context.storage.read(path, { signal })) {
      hash.update(chunk);
      this.#bytes += chunk.length;
      await this.#slowDown();
    }
    if (hash.size !== size) return `it has ${hash.size} bytes and not ${size}`;
    return hash.digest() === digest ? undefined : `its bytes have the digest ${hash.digest()}`;
  }

  async #slowDown(): Promise<void> {
    const { rate } = this.#options;
    if (rate === 0) return;
    const early = (this.#bytes / rate) * 1000 - (performance.now() - this.#started);
    if (early > 5) await sleep(early, undefined, { signal: this.#control.signal }).catch(() => undefined);
  }

  async #damage(blob: Verifiable, reason: string): Promise<void> {
    const { database, now, logger } = this.#context;
    if (!(await database.transaction((trx) => quarantine(trx, blob, now())))) return;
    logger.error({ digest: blob.digest, reason }, 'a blob is damaged and now in quarantine');
    await this.#note(this.#damaged, blob, reason);
  }

  async #heal(blob: Verifiable): Promise<void> {
    const healed = await this.#context.database.transaction((trx) => quarantine(trx, blob, null));
    if (healed) this.#healed.push(blob.digest);
  }

  async #note(list: DamagedBlob[], { digest }: Verifiable, reason: string): Promise<void> {
    const repositories = await holdersOf(this.#context.database.reader, digest);
    list.push({ digest, reason, repositories });
  }
}
