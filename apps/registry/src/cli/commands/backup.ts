import type { Command } from 'commander';
import type { BackupReport } from '../../backup/back-up.ts';
import { defineCommand } from '../define.ts';
import { CommandError, usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { progressBar, ProgressLine } from '../progress.ts';
import { sizeOf, timeOf } from '../sentences.ts';
import { lostLines, onThisMachine } from '../whole-data.ts';

interface Options {
  readonly databaseOnly?: boolean;
  readonly prune?: boolean;
  readonly verify?: boolean;
}

export function addBackup(program: Command, hosts: Hosts): void {
  defineCommand<Options>(program, hosts, {
    usage: 'backup <folder>',
    summary: 'write a backup of database and blobs into a folder, while everything is served',
    options: [
      ['--database-only', 'the database and the list of blobs; the blobs are kept in another way'],
      ['--prune', 'remove blobs of earlier backups that the registry does not have any more'],
      ['--verify', 'read again what is in the folder already, and copy anew what is damaged there'],
    ],
    examples: ['berth backup --prune /mnt/backup/berth', 'berth backup --database-only /mnt/backup/berth'],
    notes:
      'It works on the data itself, on the machine of the server. The next backup into the same folder copies only what\nis new; until it is whole, the one before stays. The folder is a secret: it holds the keys that sign tokens.\nThe exit code is 1 where a blob is damaged and so not in the backup.',
    async run(context, folder = '') {
      const { databaseOnly = false, prune = false, verify = false } = context.options;
      onThisMachine(context, 'backup');
      if (databaseOnly && (prune || verify)) {
        throw usageError('--database-only leaves blobs alone: it goes with neither --prune nor --verify');
      }
      const line = new ProgressLine(hosts.stderr);
      const report = await hosts
        .backup({
          config: context.globals.config,
          folder,
          databaseOnly,
          prune,
          verify,
          progress: ({ bytes, of, lost }) =>
            line.show(`${progressBar(bytes, of.bytes)}, ${lost.length} damaged`),
        })
        .finally(() => line.clear());
      context.output.show(report, () => backupText(report, folder));
      const { length } = report.lost;
      if (length > 0)
        throw new CommandError('refused', `damaged blobs that are not in the backup: ${length}`);
    },
  });
}

function backupText(report: BackupReport, folder: string): string {
  const { time, databaseOnly, of, copied, copiedBytes, lost, quarantined, old, pruned } = report;
  const blobs = `${of.blobs} blobs, ${sizeOf(of.bytes)}`;
  return [
    ...lostLines('damaged, not in the backup', lost),
    ...(quarantined > 0 ? [`${quarantined} blobs were in quarantine before and are not in the backup.`] : []),
    `${folder} is the registry of ${timeOf(time)}.`,
    databaseOnly
      ? `It has the database, and the list of ${blobs}, which are not copied.`
      : `It has the database and ${blobs}; ${copied} of them are new (${sizeOf(copiedBytes)}).`,
    ...(pruned > 0 ? [`${pruned} blobs of earlier backups were removed.`] : []),
    ...(old > pruned ? [`${old} blobs are of earlier backups only (--prune removes them).`] : []),
  ].join('\n');
}
