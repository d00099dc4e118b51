import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand, defineGroup } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { segment } from '../paths.ts';
import { timeOf } from '../sentences.ts';
import { formatTable } from '../table.ts';
import { addTokenCreate, scopesShape } from './token-create.ts';

const tokenShape = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string().nullish(),
  scopes: scopesShape,
  expiresAt: z.union([z.string(), z.number()]).nullish(),
  lastUsedAt: z.union([z.string(), z.number()]).nullish(),
});

export function addToken(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, {
    name: 'token',
    summary: 'personal access tokens, for docker login and for this command line',
    examples: ['berth token create ci --user alice', 'berth token list'],
  });
  addTokenCreate(group, hosts);
  addTokenList(group, hosts);
  defineCommand(group, hosts, {
    usage: 'rm <id>',
    summary: 'end a token at once',
    examples: ['berth token rm 0d4f8a6e-6f0c-4d50-9a53-5f7f4b9f3c11'],
    async run({ api, output }, id) {
      const answer = await api.request('DELETE', `/tokens/${segment(id)}`);
      output.show(answer, () => `Token ${id} is removed.`);
    },
  });
}

function addTokenList(group: Command, hosts: Hosts): void {
  defineCommand<{ user?: string; robot?: string }>(group, hosts, {
    usage: 'list',
    summary: 'list tokens; never their secrets',
    options: [
      ['--user <name>', 'those of this user; for admins'],
      ['--robot <name>', 'those of this robot'],
    ],
    examples: [
      'berth token list --user alice',
      'berth --server https://berth.example --user alice token list',
    ],
    async run({ api, output, options: { user, robot } }) {
      const answer = await listItems(api, '/tokens', { user, robot });
      output.show(answer, () => {
        const tokens = answer.items.map((item) => shaped(tokenShape, item));
        const rows = tokens.map(({ id, name, owner, scopes, expiresAt, lastUsedAt }) => {
          const limits = scopes
            ?.map(({ repository, actions }) => `${repository}:${actions.join(',')}`)
            .join(' ');
          return [id, name, owner ?? '', limits ?? 'all of the owner', timeOf(expiresAt), timeOf(lastUsedAt)];
        });
        return formatTable(['ID', 'NAME', 'OWNER', 'LIMITS', 'EXPIRES', 'LAST USED'], rows);
      });
    },
  });
}
