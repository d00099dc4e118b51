import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { runJob } from '../jobs.ts';
import { counted, sizeOf } from '../sentences.ts';

const garbageShape = z.object({
  untagged: z.number(),
  manifests: z.number(),
  links: z.number(),
  blobs: z.number(),
  files: z.number(),
  bytes: z.number(),
  recent: z.number(),
});

interface Options {
  readonly dryRun?: boolean;
  readonly deleteUntagged?: boolean;
  readonly includeRecent?: boolean;
}

export function addGarbageCollect(program: Command, hosts: Hosts): void {
  defineCommand<Options>(program, hosts, {
    usage: 'garbage-collect',
    summary: 'delete now what nothing needs, while everything is served',
    options: [
      ['-d, --dry-run', 'say what would go, and change nothing'],
      ['-m, --delete-untagged', 'manifests that no tag needs go too'],
      [
        '--include-recent',
        'also what a push that is under way may need: what it used in the last ten minutes',
      ],
    ],
    examples: ['berth garbage-collect --dry-run', 'berth garbage-collect --delete-untagged'],
    notes: 'The server does this by itself, a day after a deletion; the configuration says how long after.',
    async run(context) {
      const { dryRun = false, deleteUntagged = false, includeRecent = false } = context.options;
      const job = await runJob(context, '/gc', { dryRun, deleteUntagged, includeRecent }, collectProgress);
      context.output.show(job, () => garbageText(shaped(garbageShape, job.report), dryRun));
    },
  });
}

function collectProgress({ blobs = 0, bytes = 0 }: Record<string, unknown>): string {
  return `${counted(Number(blobs), 'blob')} deleted, ${sizeOf(Number(bytes))} freed`;
}

function garbageText(report: z.infer<typeof garbageShape>, dryRun: boolean): string {
  const { untagged, manifests, blobs, files, bytes, recent } = report;
  const done = (what: string) => (dryRun ? `would be ${what}` : what);
  const deleted = dryRun ? 'would be deleted' : 'were deleted';
  return [
    ...(untagged > 0 ? [`Untagged manifests that ${deleted}: ${untagged}.`] : []),
    ...(manifests > 0 ? [`Referrers without a subject that ${deleted}: ${manifests}.`] : []),
    `${counted(blobs, 'blob')} and ${counted(files, 'file')} ${deleted}, ${sizeOf(bytes)} ${done('freed')}.`,
    ...(recent > 0 ? [`${recentText(recent, dryRun)} (--include-recent).`] : []),
  ].join('\n');
}

function recentText(recent: number, dryRun: boolean): string {
  const stayed = dryRun ? 'would stay' : 'stayed';
  return counted(
    recent,
    `blob without a manifest ${stayed}: a push may need it`,
    `blobs without a manifest ${stayed}: a push may need them`,
  );
}
