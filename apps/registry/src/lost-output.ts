import type { Writable } from 'node:stream';

/**
 * A reader that goes away, as that of `berth audit | head -1` does, ends nothing: what was begun is done, and its exit code
 * stays. Any other error of the output, as of a full disk, is one line, and the exit code is 1.
 */
export function surviveLostOutput(process: NodeJS.Process): void {
  const lose = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.once('exit', () => (process.exitCode = 1));
    process.stderr.write(`berth: the output cannot be written: ${error.message}\n`);
  };
  const streams: Writable[] = [process.stdout, process.stderr];
  for (const stream of streams) stream.once('error', lose).on('error', () => {});
}
