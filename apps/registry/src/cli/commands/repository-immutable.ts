import type { Command } from 'commander';
import { defineCommand } from '../define.ts';
import { usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { repositoryPath } from '../paths.ts';

export function addRepositoryImmutable(group: Command, hosts: Hosts): void {
  defineCommand<{ none?: boolean }>(group, hosts, {
    usage: 'immutable <repository> [tags]',
    summary: 'say which tags nobody moves or deletes once they are put',
    options: [['--none', 'no tag any more']],
    examples: [
      "berth repository immutable team/app 'v*,latest-release'",
      'berth repository immutable team/app --none',
    ],
    notes: 'In a tag, * stands for any characters; quote it for the shell. What was set before is replaced.',
    async run({ api, output, options: { none } }, name, tags) {
      if ((tags === undefined) !== (none === true))
        throw usageError('give either tags, as v1.*,latest, or --none');
      const immutableTags = tags?.split(',').filter((tag) => tag !== '') ?? [];
      const answer = await api.request('PATCH', repositoryPath(name), { immutableTags });
      output.show(answer, () => sentence(name, immutableTags));
    },
  });
}

function sentence(name: string, tags: readonly string[]): string {
  if (tags.length === 0) return `No tag of ${name} is immutable.`;
  return `Nobody moves or deletes these tags of ${name}: ${tags.join(', ')}.`;
}
