import type { KeyAlgorithm } from '@berth/protocol';
import { recordIn } from './audit-log.ts';
import { pruneAudit, type PruneOptions } from './audit-pruning.ts';
import { removeEnded } from './credentials/ended.ts';
import type { TokenDatabase } from './database.ts';
import { isOfAnother, isOld } from './tokens/key-schedule.ts';
import type { IsDue, Keys, RecordKeyChange, Rotated } from './tokens/keys.ts';

/** What a server does by itself from time to time. Each may run in several processes at once, and is better run in one. */
export interface Upkeep {
  /** At the start of a server: where its configuration names another algorithm, a key of it follows. */
  adoptAlgorithm(): Promise<Rotated | undefined>;
  /** Makes the next key when its time has come, and removes those whose last token has ended. */
  keys(): Promise<{ readonly rotated?: Rotated | undefined; readonly removed: readonly string[] }>;
  /** Resolves to how many tokens were removed that have ended. */
  credentials(): Promise<number>;
  /** Resolves to how many events were removed. */
  audit(options: PruneOptions): Promise<number>;
}

export interface UpkeepOptions {
  readonly database: TokenDatabase;
  readonly keys: Keys;
  readonly algorithm: KeyAlgorithm;
  /** Milliseconds from the day that one key signs to that of the next; 0: only by hand. */
  readonly rotateEvery: number;
  /** How long a new key is published before it signs, in milliseconds. */
  readonly publishBefore: number;
}

export function createUpkeep(options: UpkeepOptions): Upkeep {
  const { database, keys, algorithm, rotateEvery, publishBefore } = options;
  const isDue: IsDue = rotateEvery === 0 ? () => false : isOld({ every: rotateEvery, publishBefore });
  return {
    adoptAlgorithm: () =>
      keys.rotateWhere(isOfAnother(algorithm), recordBecause('auth.builtin.signingalgorithm')),
    keys: async () => ({
      rotated: await keys.rotateWhere(isDue, recordBecause('auth.builtin.keyrotation')),
      removed: await keys.removeEnded(recordBecause('the last token that it signed has ended')),
    }),
    credentials: () => removeEnded(database),
    audit: (prune) => pruneAudit(database, prune),
  };
}

function recordBecause(reason: string): RecordKeyChange {
  return (trx, change) => recordIn(trx, { ...change, actor: 'local', outcome: 'done', reason });
}
