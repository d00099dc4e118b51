import type { Command } from 'commander';
import type { BackupReport } from '../../backup/back-up.ts';
import { blobLines } from '../blob-lines.ts';
import { checkDataCopy, runDataCopy } from '../data-copy.ts';
import { defineCommand } from '../define.ts';
import { usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { counted, sizeOf, timeOf } from '../sentences.ts';

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
      checkDataCopy(context, 'backup', folder);
      if (databaseOnly && (prune || verify)) {
        throw usageError('--database-only leaves blobs alone: it goes with neither --prune nor --verify');
      }
      const { config } = context.globals;
      await runDataCopy(context, {
        run: (progress) => hosts.backup({ config, folder, databaseOnly, prune, verify, progress }),
        lost: 'damaged',
        text: (report) => backupText(report, folder),
        failure: 'damaged blobs that are not in the backup',
      });
    },
  });
}

function backupText(report: BackupReport, folder: string): string {
  const { time, databaseOnly, of, copied, copiedBytes, lost, quarantined, old, pruned } = report;
  const blobs = `${counted(of.blobs, 'blob')} (${sizeOf(of.bytes)})`;
  const inQuarantine = counted(
    quarantined,
    'blob was in quarantine before and is not in the backup',
    'blobs were in quarantine before and are not in the backup',
  );
  return [
    ...blobLines('damaged, not in the backup', lost),
    ...(quarantined > 0 ? [`${inQuarantine}.`] : []),
    `${folder} is the registry of ${timeOf(time)}.`,
    databaseOnly
      ? `It has the database and the list of ${blobs}, without the blobs themselves.`
      : `It has the database and ${blobs}, ${copied} of them new (${sizeOf(copiedBytes)}).`,
    ...(pruned > 0 ? [`Removed: ${counted(pruned, 'blob')} of earlier backups.`] : []),
    ...(old > pruned
      ? [`Kept: ${counted(old, 'blob')} of earlier backups only (--prune removes them).`]
      : []),
  ].join('\n');
}
