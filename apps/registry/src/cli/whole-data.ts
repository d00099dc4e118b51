import type { LostBlob } from '@berth/distribution/backup';
import type { Context } from './context.ts';
import { usageError } from './errors.ts';

/** For commands that read and write files of the server. Throws `CommandError` where another machine is meant. */
export function onThisMachine({ globals, hosts }: Context, command: string): void {
  if (!(globals.server ?? hosts.environment.server)) return;
  throw usageError(
    `berth ${command} works on the data of the server, on its machine: not with --server or BERTH_SERVER`,
  );
}

/** A line a blob. */
export function lostLines(title: string, lost: readonly LostBlob[]): string[] {
  return lost.map(
    ({ digest, reason, repositories }) =>
      `${title}: ${digest}: ${reason} (${repositories.join(', ') || 'in no repository'})`,
  );
}
