import type { Ownership } from './ownership.ts';
import type { Skip } from './skips.ts';
import type { Work } from './step.ts';

/** How far it is. */
export type ImportProgress =
  /** Another process imports. */
  | { readonly phase: 'waiting' }
  /** Files of the tree that were found. */
  | { readonly phase: 'listing'; readonly files: number }
  /** Links that were looked at, of how many. */
  | {
      readonly phase: 'importing';
      readonly done: number;
      readonly links: number;
      readonly repository: string;
    };

/** One process at work on an import. */
export interface ImportRun {
  readonly work: Work;
  readonly owner: Ownership;
  progress(progress: ImportProgress): void;
  /** Puts into the log what was skipped. */
  note(skips: readonly Skip[]): void;
}
