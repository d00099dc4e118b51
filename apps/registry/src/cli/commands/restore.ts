import type { Command } from 'commander';
import type { RestoreReport } from '../../backup/restore.ts';
import { defineCommand } from '../define.ts';
import { CommandError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { progressBar, ProgressLine } from '../progress.ts';
import { sizeOf, timeOf } from '../sentences.ts';
import { lostLines, onThisMachine } from '../whole-data.ts';

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
      onThisMachine(context, 'restore');
      const line = new ProgressLine(hosts.stderr);
      const report = await hosts
        .restore({
          config: context.globals.config,
          folder,
          keepBlobs,
          verify,
          progress: ({ bytes, of, lost }) =>
            line.show(`${progressBar(bytes, of.bytes)}, ${lost.length} missing`),
        })
        .finally(() => line.clear());
      context.output.show(report, () => restoreText(report));
      const { length } = report.lost;
      if (length > 0)
        throw new CommandError('refused', `missing blobs, which are in quarantine now: ${length}`);
    },
  });
}

function restoreText(report: RestoreReport): string {
  const { time, of, copied, copiedBytes, lost, quarantined } = report;
  return [
    ...lostLines('missing', lost),
    ...(quarantined > 0 ? [`${quarantined} blobs were in quarantine before the backup and still are.`] : []),
    `The registry of ${timeOf(time)} is back, with ${of.blobs} blobs, ${sizeOf(of.bytes)}.`,
    `${copied} of them were copied (${sizeOf(copiedBytes)}). Start it with: berth serve`,
  ].join('\n');
}
