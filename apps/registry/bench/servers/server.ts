import type { BenchStorage } from './storage.ts';

/** Where a server keeps its files and listens, on 127.0.0.1. */
export interface Place {
  readonly folder: string;
  readonly port: number;
  /** In its folder where absent. */
  readonly storage?: BenchStorage;
  readonly signal: AbortSignal;
}

/** A registry that can be measured. */
export interface ServerKind {
  /** As `--only` has it. */
  readonly name: string;
  /** As the table has it. */
  readonly title: string;
  /** Whether it is measured on S3 too. */
  readonly onS3?: boolean;
  /** How to get the program, for when it is missing. */
  readonly advice: string;
  /** Path of the program, or undefined where it is not here. */
  locate(signal: AbortSignal): Promise<string | undefined>;
  /** Resolves when it answers. Rejects with what it wrote where it ends before. */
  start(program: string, place: Place): Promise<Server>;
}

/** A registry that runs, as a process of its own. */
export interface Server {
  readonly name: string;
  readonly title: string;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly pid: number;
  /** Headers of requests that may use these scopes; none where the registry is open. */
  authorize(scopes: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** Resolves when the process has ended. */
  stop(): Promise<void>;
}
