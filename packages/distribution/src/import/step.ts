import type { RepositoryName } from '@berth/protocol';
import type { StorageOptions } from '@berth/storage';
import type { LinkKind } from '../metadata/imports.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import type { StoreContext } from '../stores/context.ts';
import type { Skip } from './skips.ts';

/** What one kind of link needs: first all that is in storage, for several at a time, and then one transaction. */
export interface Step<Item> {
  readonly kind: LinkKind;
  /** Links of one transaction. */
  readonly size: number;
  /** Reads what the link with this name is about. No transaction is open. */
  examine(work: Work, repository: RepositoryName, name: string): Promise<Item | Skip>;
  /** Answers what could not be imported, or not whole. */
  write(trx: Writer, target: Target, items: readonly Item[]): Promise<readonly Skip[]>;
}

export interface Work {
  readonly context: StoreContext;
  /** The signal to end the work by. */
  readonly options: StorageOptions;
}

export interface Target {
  readonly id: number;
  readonly name: RepositoryName;
  readonly now: number;
}

export function isSkip(found: object): found is Skip {
  return 'reason' in found;
}

/** Reads from storage at a time: a store that is far away answers each after tens of milliseconds. */
export const readsAtOnce = 16;
