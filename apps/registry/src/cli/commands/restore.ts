import type { Command } from 'commander';
import type { RestoreReport } from '../../backup/restore.ts';
import { blobLines } from '../blob-lines.ts';
import { checkDataCopy, runDataCopy } from '../data-copy.ts';
import { defineCommand } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { counted, sizeOf, timeOf } from '../sentences.ts';

interface Options {
  readonly keepBlobs?: boolean;
  readonly verify?: boolean;
}

export function addRestore(program: Command, hosts: Hosts): void {
  defineCommand<Options>(program, hosts, {
    usage: 'restore <folder>',
    summary: 'bring a backup back, to an empty data folder or bucket',
    options: [
      ['--keep-blobs', 'use blobs that are in storage already, and leave the others there'],
      ['--verify', 'read blobs that are in storage already, rather than compare their sizes'],
    ],
    examples: ['berth restore /mnt/backup/berth', 'berth restore --keep-blobs /mnt/backup/berth'],
    notes:
      'It works on the data itself, on the machine of the server, and nothing is written over a database that is there.\nBlobs that are nowhere are put into quarantine, so that the next push of an image brings them back.\nThe exit code is 1 where there are such blobs.',
    async run(context, folder = '') {
      const { keepBlobs = false, verify = false } = context.options;
      checkDataCopy(context, 'restore', folder);
      const { config } = context.globals;
      await runDataCopy(context, {
        run: (progress) => hosts.restore({ config, folder, keepBlobs, verify, progress }),
        lost: 'missing',
        text: restoreText,
        failure: 'missing blobs, which are in quarantine now',
      });
    },
  });
}

function restoreText(report: RestoreReport): string {
  const { time, of, copied, copiedBytes, lost, quarantined } = report;
  const inQuarantine = counted(
    quarantined,
    'blob was in quarantine before the backup and still is',
    'blobs were in quarantine before the backup and still are',
  );
  return [
    ...blobLines('missing', lost),
    ...(quarantined > 0 ? [`${inQuarantine}.`] : []),
    `The registry of ${timeOf(time)} is back, with ${counted(of.blobs, 'blob')} (${sizeOf(of.bytes)}).`,
    `Copied: ${copied} of them (${sizeOf(copiedBytes)}). Start it with: berth serve`,
  ].join('\n');
}
