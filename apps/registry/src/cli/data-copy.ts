import type { CopyReport, DamagedBlob } from '@berth/distribution/backup';
import type { Context } from './context.ts';
import { CommandError, usageError } from './errors.ts';
import { progressBar, ProgressLine } from './progress.ts';

/** What a backup and its restore have in common. */
export interface DataCopy<Report> {
  readonly run: (progress: (report: CopyReport) => void) => Promise<Report>;
  /** What the line of progress calls a blob that could not be copied. */
  readonly lost: string;
  readonly text: (report: Report) => string;
  /** How the command fails where there are such blobs; their number follows. */
  readonly failure: string;
}

/** Throws `CommandError` where another machine is meant, or no folder: these commands work on the files of the server. */
export function checkDataCopy({ globals, hosts }: Context, command: string, folder: string): void {
  if (folder === '') throw usageError('the name of the folder is empty');
  if (!(globals.server ?? hosts.environment.server)) return;
  throw usageError(
    `berth ${command} works on the data of the server, on its machine: not with --server or BERTH_SERVER`,
  );
}

/** Shows how far the copy is, prints its report, and rejects with `CommandError` where blobs could not be copied. */
export async function runDataCopy<Report extends { readonly lost: readonly DamagedBlob[] }>(
  { hosts, output }: Context,
  { run, lost: word, text, failure }: DataCopy<Report>,
): Promise<void> {
  const line = new ProgressLine(hosts.stderr);
  const report = await run(({ bytes, of, lost }) =>
    line.show(`${progressBar(bytes, of.bytes)}, ${lost.length} ${word}`),
  ).finally(() => line.clear());
  output.show(report, () => text(report));
  const { length } = report.lost;
  if (length > 0) throw new CommandError('refused', `${failure}: ${length}`);
}
