import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand, defineGroup } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { timeOf } from '../sentences.ts';
import { formatTable } from '../table.ts';

const time = z.union([z.string(), z.number()]).nullish();
const keyShape = z.object({
  kid: z.string(),
  algorithm: z.string().nullish(),
  createdAt: time,
  signsFrom: time,
  endsAt: time,
});
const rotatedShape = z.object({ kid: z.string(), signsFrom: time });

export function addKeys(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, 'keys', 'keys that sign access tokens');
  defineCommand(group, hosts, {
    usage: 'list',
    summary: 'list the keys that are published',
    examples: ['berth keys list'],
    async run({ api, output }) {
      const answer = await listItems(api, '/keys');
      output.show(answer, () => {
        const rows = answer.items.map((item) => {
          const { kid, algorithm, createdAt, signsFrom, endsAt } = shaped(keyShape, item);
          return [kid, algorithm ?? '', timeOf(createdAt), timeOf(signsFrom), timeOf(endsAt)];
        });
        return formatTable(['KEY', 'ALGORITHM', 'MADE', 'SIGNS FROM', 'ENDS'], rows);
      });
    },
  });
  defineCommand(group, hosts, {
    usage: 'rotate',
    summary: 'make a new key; tokens of the old ones stay good until they end',
    examples: ['berth keys rotate'],
    async run({ api, output }) {
      const answer = await api.request('POST', '/keys/rotate');
      output.show(answer, () => {
        const { kid, signsFrom } = shaped(rotatedShape, answer);
        return `Key ${kid} is published and signs from ${timeOf(signsFrom)}.`;
      });
    },
  });
}
