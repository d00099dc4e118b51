import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand } from '../define.ts';
import { CommandError, usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { runJob } from '../jobs.ts';
import { progressBar } from '../progress.ts';
import { sizeOf } from '../sentences.ts';

const garbageShape = z.object({
  untagged: z.number(),
  manifests: z.number(),
  links: z.number(),
  blobs: z.number(),
  files: z.number(),
  bytes: z.number(),
  recent: z.number(),
});

const damagedShape = z.object({ digest: z.string(), reason: z.string(), repositories: z.array(z.string()) });
const verifyShape = z.object({
  blobs: z.number(),
  bytes: z.number(),
  of: z.object({ blobs: z.number(), bytes: z.number() }),
  damaged: z.array(damagedShape),
  healed: z.array(z.string()),
  unreadable: z.array(damagedShape),
});

const foundShape = z.object({ count: z.number(), first: z.array(z.string()) });
const checkShape = z.object({
  forgottenLinks: z.number(),
  forgottenBlobs: z.number(),
  unknownFiles: foundShape,
  damagedBlobs: foundShape,
});

/** What is done to storage as a whole. */
export function addStorage(program: Command, hosts: Hosts): void {
  addGarbageCollect(program, hosts);
  addVerify(program, hosts);
  addCheck(program, hosts);
}

interface GarbageOptions {
  readonly dryRun?: boolean;
  readonly deleteUntagged?: boolean;
  readonly includeRecent?: boolean;
}

function addGarbageCollect(program: Command, hosts: Hosts): void {
  defineCommand<GarbageOptions>(program, hosts, {
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
  return `${blobs} blobs deleted, ${sizeOf(Number(bytes)) || '0 B'} freed`;
}

function garbageText(report: z.infer<typeof garbageShape>, dryRun: boolean): string {
  const { untagged, manifests, blobs, files, bytes, recent } = report;
  const verb = dryRun ? 'would be' : 'were';
  const lines = [
    ...(untagged > 0 ? [`${untagged} untagged manifests ${verb} deleted.`] : []),
    ...(manifests > 0 ? [`${manifests} referrers without a subject ${verb} deleted.`] : []),
    `${blobs} blobs and ${files} files ${verb} deleted, ${sizeOf(bytes) || '0 B'} ${dryRun ? 'would be ' : ''}freed.`,
    ...(recent > 0
      ? [
          `${recent} blobs without a manifest ${dryRun ? 'would stay' : 'stayed'}: a push may need them (--include-recent).`,
        ]
      : []),
  ];
  return lines.join('\n');
}

interface VerifyOptions {
  readonly sample?: string;
  readonly rate?: string;
}

function addVerify(program: Command, hosts: Hosts): void {
  defineCommand<VerifyOptions>(program, hosts, {
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
      if (bad > 0) throw new CommandError('refused', `${bad} blobs are not as they should be`);
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
  const list = (title: string, found: readonly z.infer<typeof damagedShape>[]) =>
    found.map(
      ({ digest, reason, repositories }) =>
        `${title}: ${digest}: ${reason} (${repositories.join(', ') || 'in no repository'})`,
    );
  return [
    ...list('damaged', damaged),
    ...list('unreadable', unreadable),
    ...healed.map((digest) => `out of quarantine: ${digest}`),
    `${blobs} blobs were read, ${sizeOf(bytes) || '0 B'}; ${damaged.length} damaged, ${unreadable.length} unreadable.`,
  ].join('\n');
}

function addCheck(program: Command, hosts: Hosts): void {
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
    `${unknownFiles.count} unknown files, ${damagedBlobs.count} blobs without their file,`,
    `${forgottenLinks} blobs without a manifest and ${forgottenBlobs} without a repository that the collection did not know of.`,
  ];
  return lines.join('\n');
}
