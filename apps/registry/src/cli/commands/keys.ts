import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand, defineGroup } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { queryString } from '../paths.ts';
import { timeOf } from '../sentences.ts';
import { formatTable } from '../table.ts';
import { parseExpiry } from '../words.ts';

const time = z.union([z.string(), z.number()]).nullish();
const keyShape = z.object({
  kid: z.string(),
  algorithm: z.string().nullish(),
  createdAt: time,
  signsFrom: time,
  endsAt: time,
});
const bundleShape = z.object({ pem: z.string() });
const rotatedShape = z.object({ kid: z.string(), signsFrom: time });

export function addKeys(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, {
    name: 'keys',
    summary: 'keys that sign access tokens',
    examples: ['berth keys list', 'berth keys rotate'],
  });
  addKeysList(group, hosts);
  addKeysExport(group, hosts);
  addKeysRotate(group, hosts);
}

function addKeysList(group: Command, hosts: Hosts): void {
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
}

function addKeysExport(group: Command, hosts: Hosts): void {
  defineCommand<{ format?: string }>(group, hosts, {
    usage: 'export',
    summary: 'print the keys for a registry that is not Berth',
    options: [['--format <format>', 'jwks, or pem for rootcertbundle; jwks where absent']],
    examples: ['berth keys export > jwks.json', 'berth keys export --format pem > bundle.pem'],
    notes:
      'registry:2 and registry:3 read the file when they start: rotate with --from, then export and restart.',
    async run({ api, output, options: { format } }) {
      const answer = await api.request('GET', `/keys/export${queryString({ format })}`);
      output.show(answer, () =>
        format === 'pem' ? shaped(bundleShape, answer).pem.trimEnd() : JSON.stringify(answer, null, 2),
      );
    },
  });
}

function addKeysRotate(group: Command, hosts: Hosts): void {
  defineCommand<{ from?: string }>(group, hosts, {
    usage: 'rotate',
    summary: 'make a new key; tokens of the old ones stay good until they end',
    options: [
      [
        '--from <when>',
        'when it starts to sign: 12h, 2d or a date; after auth.builtin.keylead (5s) where absent',
      ],
    ],
    examples: ['berth keys rotate', 'berth keys rotate --from 1d'],
    async run({ api, output, options: { from } }) {
      const body = from === undefined ? undefined : { signsFrom: parseExpiry(from) };
      const answer = await api.request('POST', '/keys/rotate', body);
      output.show(answer, () => {
        const { kid, signsFrom } = shaped(rotatedShape, answer);
        return `Key ${kid} is published and signs from ${timeOf(signsFrom)}.`;
      });
    },
  });
}
