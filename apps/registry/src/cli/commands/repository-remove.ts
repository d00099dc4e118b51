import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import type { AdminClient } from '../client.ts';
import { confirm } from '../confirm.ts';
import { defineCommand } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { repositoryPath } from '../paths.ts';
import { counted, sizeOf } from '../sentences.ts';

const contentsShape = z.object({ tags: z.number(), manifests: z.number(), size: z.number() });

export function addRepositoryRemove(group: Command, hosts: Hosts): void {
  defineCommand<{ yes?: boolean }>(group, hosts, {
    usage: 'rm <repository>',
    summary: 'delete a repository with all its tags and images, for good',
    options: [['--yes', 'do not ask']],
    examples: ['berth repository rm team/app', 'berth repository rm team/app --yes'],
    notes:
      'An immutable tag keeps it. Grants on its name stay, for a repository that is pushed there later.\n' +
      'Bytes that no other repository needs go with the next collection: berth garbage-collect',
    async run({ api, output, options: { yes } }, name) {
      if (yes !== true) await confirm(hosts, () => question(api, name));
      const answer = await api.request('DELETE', repositoryPath(name));
      output.show(answer, () => `Repository ${name} is removed.`);
    },
  });
}

async function question(api: AdminClient, name: string): Promise<string> {
  const { tags, manifests, size } = shaped(contentsShape, await api.request('GET', repositoryPath(name)));
  const lost = `${counted(tags, 'tag')}, ${counted(manifests, 'manifest')} and ${sizeOf(size)} of blobs`;
  return `${name} goes for good, with ${lost}. Type yes to delete it`;
}
