import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { blobLines } from '../blob-lines.ts';
import { defineCommand } from '../define.ts';
import { CommandError, usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { runJob } from '../jobs.ts';
import { progressBar } from '../progress.ts';
import { counted, sizeOf } from '../sentences.ts';

const damagedShape = z.object({ digest: z.string(), reason: z.string(), repositories: z.array(z.string()) });
const verifyShape = z.object({
  blobs: z.number(),
  bytes: z.number(),
  of: z.object({ blobs: z.number(), bytes: z.number() }),
  damaged: z.array(damagedShape),
  healed: z.array(z.string()),
  unreadable: z.array(damagedShape),
});

interface Options {
  readonly sample?: string;
  readonly rate?: string;
}

export function addVerify(program: Command, hosts: Hosts): void {
  defineCommand<Options>(program, hosts, {
    usage: 'verify',
    summary: 'read blobs and compare them with their digests; what is damaged is put into quarantine',
    options: [
      ['--sample <percent>', 'how many of a hundred blobs, chosen at random; all where absent'],
      ['--rate <megabytes>', 'megabytes to read in a second, at most'],
    ],
    examples: ['berth verify', 'berth verify --sample 5 --rate 50'],
    notes:
      'A blob in quarantine does not exist for clients, so the next push of an image that has it sends it again.\nThe exit code is 1 where a blob is damaged or cannot be read.',
    async run(context) {
      const { sample, rate } = context.options;
      const body = {
        ...(sample !== undefined && { percent: numberOf('--sample', sample.replace(/%$/, '')) }),
        ...(rate !== undefined && { bytesPerSecond: Math.round(numberOf('--rate', rate) * 1e6) }),
      };
      const job = await runJob(context, '/verify', body, verifyProgress);
      const report = shaped(verifyShape, job.report);
      context.output.show(job, () => verifyText(report));
      const bad = report.damaged.length + report.unreadable.length;
      if (bad > 0) throw new CommandError('refused', `${counted(bad, 'blob')} damaged or unreadable`);
    },
  });
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0)) throw usageError(`${option} must be a number above 0, not ${text}`);
  return value;
}

function verifyProgress(report: Record<string, unknown>): string {
  const known = verifyShape.safeParse(report);
  if (!known.success) return '';
  const { bytes, of, damaged } = known.data;
  return `${progressBar(bytes, of.bytes)}, ${damaged.length} damaged`;
}

function verifyText({ blobs, bytes, damaged, healed, unreadable }: z.infer<typeof verifyShape>): string {
  const read = counted(blobs, 'blob was read', 'blobs were read');
  return [
    ...blobLines('damaged', damaged),
    ...blobLines('unreadable', unreadable),
    ...healed.map((digest) => `out of quarantine: ${digest}`),
    `${read}, ${sizeOf(bytes)}; ${damaged.length} damaged, ${unreadable.length} unreadable.`,
  ].join('\n');
}
