import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { runJob } from '../jobs.ts';
import { counted } from '../sentences.ts';

const foundShape = z.object({ count: z.number(), first: z.array(z.string()) });
const checkShape = z.object({
  forgottenLinks: z.number(),
  forgottenBlobs: z.number(),
  unknownFiles: foundShape,
  damagedBlobs: foundShape,
});

export function addCheck(program: Command, hosts: Hosts): void {
  defineCommand(program, hosts, {
    usage: 'check',
    summary: 'compare storage, database and what the collection is told of, by a full scan',
    examples: ['berth check'],
    notes: 'What the collection was not told of, it is told now. Files that nothing tells of stay.',
    async run(context) {
      const job = await runJob(context, '/check', {}, () => 'looking at everything');
      context.output.show(job, () => checkText(shaped(checkShape, job.report)));
    },
  });
}

function checkText(report: z.infer<typeof checkShape>): string {
  const { forgottenLinks, forgottenBlobs, unknownFiles, damagedBlobs } = report;
  const lines = [
    ...unknownFiles.first.map((path) => `unknown file: ${path}`),
    ...damagedBlobs.first.map((digest) => `missing, or of another size: ${digest} (see berth verify)`),
    `${counted(unknownFiles.count, 'unknown file')}, ${counted(damagedBlobs.count, 'blob')} without a file,`,
    `${counted(forgottenLinks, 'blob')} without a manifest and ${forgottenBlobs} without a repository that the collection did not know of.`,
  ];
  return lines.join('\n');
}
