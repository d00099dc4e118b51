import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { repositoryPath } from '../paths.ts';
import { sizeOf, timeOf } from '../sentences.ts';
import { formatTable } from '../table.ts';

const tagShape = z.object({
  name: z.string(),
  digest: z.string(),
  size: z.number().nullish(),
  pushedBy: z.string().nullish(),
  pushedAt: z.union([z.string(), z.number()]).nullish(),
});

const accessShape = z.object({
  subject: z.string(),
  actions: z.array(z.string()),
  through: z.string().nullish(),
});

export function addRepositoryLists(group: Command, hosts: Hosts): void {
  defineCommand(group, hosts, {
    usage: 'tags <repository>',
    summary: 'list tags with what they point to',
    examples: ['berth repository tags team/app'],
    async run({ api, output }, name) {
      const answer = await listItems(api, `${repositoryPath(name)}/-/tags`);
      output.show(answer, () => tagTable(answer.items));
    },
  });
  defineCommand(group, hosts, {
    usage: 'access <repository>',
    summary: 'list who can do what with a repository, and through which grant',
    examples: ['berth repository access team/app'],
    async run({ api, output }, name) {
      const answer = await listItems(api, `${repositoryPath(name)}/-/access`);
      output.show(answer, () => accessTable(answer.items));
    },
  });
}

function tagTable(items: readonly unknown[]): string {
  const rows = items.map((item) => {
    const { name, digest, size, pushedBy, pushedAt } = shaped(tagShape, item);
    return [name, digest, sizeOf(size), pushedBy ?? '', timeOf(pushedAt)];
  });
  return formatTable(['TAG', 'DIGEST', 'SIZE', 'PUSHED BY', 'PUSHED'], rows);
}

function accessTable(items: readonly unknown[]): string {
  const rows = items.map((item) => {
    const { subject, actions, through } = shaped(accessShape, item);
    return [subject, actions.join(',') || 'nothing', through ?? ''];
  });
  return formatTable(['WHO', 'ACTIONS', 'THROUGH'], rows);
}
