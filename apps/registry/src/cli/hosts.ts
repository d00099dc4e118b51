import type { RequestListener } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { CopyReport } from '@berth/distribution/backup';
import type { BackupReport } from '../backup/back-up.ts';
import type { RestoreReport } from '../backup/restore.ts';

/** Standard input; a terminal can be told not to show what is typed. */
export interface Input extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

export interface ConfigurationOptions {
  /** A file; absent: where the original registry looks for it. */
  readonly config?: string | undefined;
}

/** The server in this process on the local database; `handler` acts as `local` and asks for no credentials. */
export interface LocalServer {
  readonly handler: RequestListener;
  /** What clients name the registry by, `localhost:5000`, where the configuration tells. */
  readonly registryHost?: string | undefined;
  close(): Promise<void>;
}

/** Options of `berth backup`, which works on the data itself. */
export interface BackupRequest extends ConfigurationOptions {
  readonly folder: string;
  readonly databaseOnly: boolean;
  readonly prune: boolean;
  readonly verify: boolean;
  readonly progress: (report: CopyReport) => void;
}

/** Options of `berth restore`. */
export interface RestoreRequest extends ConfigurationOptions {
  readonly folder: string;
  readonly keepBlobs: boolean;
  readonly verify: boolean;
  readonly progress: (report: CopyReport) => void;
}

/** What the command line needs of its surroundings: it reads no environment and opens no database by itself. */
export interface Hosts {
  openLocal(options: ConfigurationOptions): Promise<LocalServer>;
  /** Resolves when the server has stopped. */
  serve(options: ConfigurationOptions): Promise<void>;
  backup(request: BackupRequest): Promise<BackupReport>;
  restore(request: RestoreRequest): Promise<RestoreReport>;
  /** Text to print; rejects where the configuration has errors. */
  checkConfiguration(options: ConfigurationOptions): Promise<string>;
  /** What is in effect, in the shape of the file; rejects as well. */
  showConfiguration(options: ConfigurationOptions): Promise<object>;
  /** `BERTH_SERVER`, `BERTH_USER`, `BERTH_PASSWORD`, `BERTH_TOKEN`. */
  readonly environment: {
    readonly server?: string | undefined;
    readonly user?: string | undefined;
    readonly password?: string | undefined;
    readonly token?: string | undefined;
  };
  readonly stdin: Input;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Printed by `--version`. */
  readonly version?: string | undefined;
}
