import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { formatCard } from '../table.ts';

const meShape = z.object({
  name: z.string(),
  kind: z.string(),
  admin: z.boolean(),
  teams: z.array(z.string()).default([]),
});

export function addWhoami(program: Command, hosts: Hosts): void {
  defineCommand(program, hosts, {
    usage: 'whoami',
    summary: 'say whose rights your commands have',
    examples: ['berth whoami', 'berth --server https://berth.example --user alice whoami'],
    async run({ api, output }) {
      const answer = await api.request('GET', '/me');
      output.show(answer, () => {
        const { name, kind, admin, teams } = shaped(meShape, answer);
        return formatCard([
          ['name', name],
          ['kind', kindOf(kind, admin)],
          ['teams', teams.join(', ')],
        ]);
      });
    },
  });
}

function kindOf(kind: string, admin: boolean): string {
  if (kind === 'local') return 'the command line on this machine, which may do everything';
  return admin ? 'admin' : kind;
}
