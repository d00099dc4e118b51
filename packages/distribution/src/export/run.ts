import type { Work } from '../import/step.ts';
import type { Tally } from './tally.ts';

/** How far it is: how many files of the tree were compared with the database, and what was found. */
export interface ExportProgress {
  readonly phase: 'removing' | 'copying' | 'writing';
  /** Files that were looked at in this phase. */
  readonly files: number;
  readonly repository?: string;
}

/** One process at work on an export. */
export interface ExportRun {
  readonly work: Work;
  /** Nothing is written or removed, only counted. */
  readonly dryRun: boolean;
  readonly tally: Tally;
  /** After every step. Throws where the signal is aborted. */
  step(progress: ExportProgress): void;
}

/** Files that are read or written at a time. */
export const filesAtOnce = 16;
