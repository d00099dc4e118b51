import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { runJob } from '../jobs.ts';
import { counted, listed, sizeOf } from '../sentences.ts';

const several = { count: z.number(), first: z.array(z.string()) };
const exportShape = z.object({
  repositories: z.number(),
  blobs: z.number(),
  manifests: z.number(),
  tags: z.number(),
  written: z.number(),
  copied: z.number(),
  copiedBytes: z.number(),
  removed: z.object(several),
  skipped: z.array(z.object({ ...several, text: z.string() })),
});

export function addExport(program: Command, hosts: Hosts): void {
  defineCommand<{ dryRun?: boolean }>(program, hosts, {
    usage: 'export',
    summary: 'write what registry:2 and registry:3 need to serve this storage in the place of Berth',
    options: [['-d, --dry-run', 'say what would be written and removed, and change nothing']],
    examples: ['berth export --dry-run', 'berth export'],
    notes:
      'Stop the server first, or let it run in read-only mode (storage.maintenance.readonly): what is pushed meanwhile may be missing.\nLinks of what was deleted in Berth are removed; the data of blobs is never deleted.',
    async run(context) {
      const { dryRun = false } = context.options;
      const job = await runJob(context, '/export', { dryRun }, progressText);
      context.output.show(job, () => exportText(shaped(exportShape, job.report), dryRun));
    },
  });
}

function progressText({ phase = 'looking', files = 0, repository = '' }: Record<string, unknown>): string {
  return `${phase}: ${counted(Number(files), 'file')} ${repository}`;
}

function exportText(report: z.infer<typeof exportShape>, dryRun: boolean): string {
  const { repositories, manifests, tags, blobs, written, copied, copiedBytes, removed, skipped } = report;
  const done = (what: string) => (dryRun ? `would be ${what}` : what);
  const exported = [
    counted(repositories, 'repository', 'repositories'),
    counted(manifests, 'manifest'),
    counted(tags, 'tag'),
    `${counted(blobs, 'link')} to blobs`,
  ];
  return [
    ...removed.first.map((path) => `${dryRun ? 'to remove' : 'removed'}: ${path}`),
    ...skipped.flatMap(({ text, first }) => first.map((what) => `left out: ${what}: ${text}`)),
    `${listed(exported)} are exported.`,
    `${counted(written, 'file')} ${done('written')}, ${counted(removed.count, 'link')} of what is gone ${done('removed')}.`,
    ...(copied > 0 ? [`${counted(copied, 'blob')} ${done('copied')}, ${sizeOf(copiedBytes)}.`] : []),
    ...skipped.map(({ text, count }) => `${count} left out: ${text}.`),
  ].join('\n');
}
