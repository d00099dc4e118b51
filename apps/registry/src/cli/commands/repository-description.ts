import type { Command } from 'commander';
import { defineCommand } from '../define.ts';
import { usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { repositoryPath } from '../paths.ts';

export function addRepositoryDescription(group: Command, hosts: Hosts): void {
  defineCommand<{ none?: boolean }>(group, hosts, {
    usage: 'description <repository> [text]',
    summary: 'say what a repository is for; whoever may pull it reads that',
    options: [['--none', 'no description any more']],
    examples: [
      "berth repository description team/app 'the shop, as it runs'",
      'berth repository description team/app --none',
    ],
    async run({ api, output, options: { none } }, name, text) {
      if ((text === undefined) !== (none === true)) throw usageError('give either a text or --none');
      const answer = await api.request('PATCH', repositoryPath(name), { description: text ?? '' });
      output.show(answer, () =>
        text === undefined ? `${name} has no description.` : `The description of ${name} is: ${text}`,
      );
    },
  });
}
