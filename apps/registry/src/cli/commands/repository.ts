import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand, defineGroup } from '../define.ts';
import { usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { repositoryPath } from '../paths.ts';
import { sizeOf } from '../sentences.ts';
import { formatCard, formatTable } from '../table.ts';
import { addRepositoryDescription } from './repository-description.ts';
import { addRepositoryImmutable } from './repository-immutable.ts';
import { addRepositoryLists } from './repository-lists.ts';
import { addRepositoryManifest } from './repository-manifest.ts';
import { addRepositoryRemove } from './repository-remove.ts';

const visibilities = ['private', 'internal', 'public'];
const meanings: Readonly<Record<string, string>> = {
  private: 'only who has a grant pulls it',
  internal: 'everyone who logs in pulls it',
  public: 'anyone pulls it, without logging in',
};

const repositoryShape = z.object({
  name: z.string(),
  visibility: z.string(),
  immutableTags: z.array(z.string()).default([]),
  description: z.string().nullish(),
  tags: z.number().optional(),
  manifests: z.number().optional(),
  size: z.number().optional(),
});

export function addRepository(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, {
    name: 'repository',
    summary: 'what is in the registry',
    examples: ['berth repository list', 'berth repository access team/app'],
  });
  addRepositoryList(group, hosts);
  addRepositoryShow(group, hosts);
  addVisibility(group, hosts);
  addRepositoryImmutable(group, hosts);
  addRepositoryDescription(group, hosts);
  addRepositoryLists(group, hosts);
  addRepositoryManifest(group, hosts);
  addRepositoryRemove(group, hosts);
}

function addRepositoryList(group: Command, hosts: Hosts): void {
  defineCommand(group, hosts, {
    usage: 'list',
    summary: 'list the repositories that you may pull',
    examples: ['berth repository list'],
    async run({ api, output }) {
      const answer = await listItems(api, '/repositories');
      output.show(answer, () => {
        const repositories = answer.items.map((item) => shaped(repositoryShape, item));
        return formatTable(
          ['NAME', 'VISIBILITY', 'DESCRIPTION'],
          repositories.map(({ name, visibility, description }) => [name, visibility, description ?? '']),
        );
      });
    },
  });
}

function addRepositoryShow(group: Command, hosts: Hosts): void {
  defineCommand(group, hosts, {
    usage: 'show <repository>',
    summary: 'show one repository',
    examples: ['berth repository show team/app'],
    async run({ api, output }, name) {
      const answer = await api.request('GET', repositoryPath(name));
      output.show(answer, () => {
        const repository = shaped(repositoryShape, answer);
        return formatCard([
          ['name', repository.name],
          ['visibility', `${repository.visibility}: ${meanings[repository.visibility] ?? ''}`],
          ['immutable tags', repository.immutableTags.join(', ')],
          ['description', repository.description ?? undefined],
          ['tags', repository.tags?.toString()],
          ['manifests', repository.manifests?.toString()],
          ['size', sizeOf(repository.size)],
        ]);
      });
    },
  });
}

function addVisibility(group: Command, hosts: Hosts): void {
  defineCommand(group, hosts, {
    usage: 'visibility <repository> <visibility>',
    shown: '[options] <repository> <private|internal|public>',
    summary: 'say who pulls a repository without a grant',
    examples: ['berth repository visibility team/app public'],
    notes: Object.entries(meanings)
      .map(([name, meaning]) => `${name.padEnd(8)}   ${meaning}`)
      .join('\n'),
    async run({ api, output }, name, visibility) {
      if (!visibilities.includes(visibility))
        throw usageError(`${visibility} is none of ${visibilities.join(', ')}`);
      const answer = await api.request('PATCH', repositoryPath(name), { visibility });
      output.show(answer, () => `${name} is ${visibility}: ${meanings[visibility]}.`);
    },
  });
}
