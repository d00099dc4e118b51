import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand, defineGroup } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { timeOf } from '../sentences.ts';
import { formatTable } from '../table.ts';

const jobShape = z.object({
  kind: z.string(),
  state: z.string(),
  startedBy: z.string(),
  startedAt: z.string(),
  endedAt: z.string().nullish(),
  error: z.string().nullish(),
});

export function addJob(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, {
    name: 'job',
    summary: 'long work: collections, verifications, checks',
    examples: ['berth job list'],
  });
  defineCommand(group, hosts, {
    usage: 'list',
    summary: 'list jobs, the newest first',
    examples: ['berth job list', 'berth job list --json'],
    async run({ api, output }) {
      const answer = await listItems(api, '/jobs');
      output.show(answer, () => {
        const rows = answer.items.map((item) => {
          const { kind, state, startedBy, startedAt, endedAt, error } = shaped(jobShape, item);
          return [kind, state, startedBy, timeOf(startedAt), timeOf(endedAt), error ?? ''];
        });
        return formatTable(['JOB', 'STATE', 'STARTED BY', 'STARTED', 'ENDED', 'ERROR'], rows);
      });
    },
  });
}
