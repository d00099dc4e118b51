import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { repositoryPath, segment } from '../paths.ts';
import { sizeOf, timeOf } from '../sentences.ts';
import { formatCard, formatTable } from '../table.ts';

const annotations = z.record(z.string(), z.string()).default({});
const part = z.object({ digest: z.string(), mediaType: z.string(), size: z.number(), annotations });
const platform = z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() });

const manifestShape = z.object({
  digest: z.string(),
  mediaType: z.string(),
  artifactType: z.string().nullish(),
  size: z.number(),
  totalSize: z.number(),
  subject: z.string().nullish(),
  annotations,
  config: part.optional(),
  layers: z.array(part).default([]),
  manifests: z
    .array(part.extend({ platform: platform.optional(), totalSize: z.number().optional() }))
    .default([]),
  tags: z.array(z.string()).default([]),
  pushedAt: z.string(),
  pushedBy: z.string(),
  referrers: z.array(part.extend({ artifactType: z.string().nullish() })).default([]),
  moreReferrers: z.boolean().default(false),
});

type Manifest = z.infer<typeof manifestShape>;

/** Names a file of an artifact: OCI image specification 1.1, "Pre-Defined Annotation Keys". */
const title = 'org.opencontainers.image.title';

export function addRepositoryManifest(group: Command, hosts: Hosts): void {
  defineCommand(group, hosts, {
    usage: 'manifest <repository> <reference>',
    shown: '[options] <repository> <tag|digest>',
    summary: 'show what an image is made of, and what refers to it',
    examples: ['berth repository manifest team/app latest'],
    async run({ api, output }, name, reference) {
      const answer = await api.request('GET', `${repositoryPath(name)}/-/manifests/${segment(reference)}`);
      output.show(answer, () => textOf(shaped(manifestShape, answer)));
    },
  });
}

function textOf(manifest: Manifest): string {
  const more = manifest.moreReferrers ? '\nand more referrers' : '';
  return [card(manifest), ...tables(manifest)].join('\n\n') + more;
}

function card(manifest: Manifest): string {
  return formatCard([
    ['digest', manifest.digest],
    ['type', manifest.mediaType],
    ['artifact type', manifest.artifactType ?? undefined],
    ['size', `${sizeOf(manifest.totalSize)}, of which the manifest ${sizeOf(manifest.size)}`],
    ['tags', manifest.tags.join(', ')],
    ['pushed', `${timeOf(manifest.pushedAt)} by ${manifest.pushedBy}`],
    ['refers to', manifest.subject ?? undefined],
    ...Object.entries(manifest.annotations),
  ]);
}

/** One for each kind of part that there is. */
function tables({ config, layers, manifests, referrers }: Manifest): string[] {
  const parts = config === undefined ? layers : [config, ...layers];
  const all = [
    table(
      ['PLATFORM', 'MANIFEST', 'SIZE'],
      manifests.map((child) => [platformOf(child), child.digest, sizeOf(child.totalSize)]),
    ),
    table(
      ['BLOB', 'TYPE', 'SIZE', 'FILE'],
      parts.map((each) => [each.digest, each.mediaType, sizeOf(each.size), each.annotations[title] ?? '']),
    ),
    table(
      ['REFERRER', 'TYPE', 'SIZE'],
      referrers.map((each) => [each.digest, each.artifactType ?? each.mediaType, sizeOf(each.size)]),
    ),
  ];
  return all.filter((text) => text !== undefined);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string | undefined {
  return rows.length === 0 ? undefined : formatTable(header, rows);
}

/** `linux/arm64/v8`. */
function platformOf({ platform }: Manifest['manifests'][number]): string {
  if (platform === undefined) return '';
  const { os, architecture, variant } = platform;
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}
