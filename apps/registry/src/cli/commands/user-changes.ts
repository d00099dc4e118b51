import type { Command } from 'commander';
import { defineCommand } from '../define.ts';
import { usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { segment } from '../paths.ts';

/** Adds `promote`, `demote` and `email`. */
export function addUserChanges(group: Command, hosts: Hosts): void {
  addUserKind(group, hosts, 'promote', {
    summary: 'make a user an administrator, who may do everything',
    said: 'is an administrator',
  });
  addUserKind(group, hosts, 'demote', {
    summary: 'make an administrator a user like others, at once',
    said: 'is no administrator any more',
  });
  addUserEmail(group, hosts);
}

function addUserKind(
  group: Command,
  hosts: Hosts,
  verb: 'promote' | 'demote',
  { summary, said }: { readonly summary: string; readonly said: string },
): void {
  defineCommand(group, hosts, {
    usage: `${verb} <name>`,
    summary,
    examples: [`berth user ${verb} bob`],
    async run({ api, output }, name) {
      const change = { admin: verb === 'promote' };
      const answer = await api.request('PATCH', `/users/${segment(name)}`, change);
      output.show(answer, () => `User ${name} ${said}.`);
    },
  });
}

function addUserEmail(group: Command, hosts: Hosts): void {
  defineCommand<{ none?: boolean }>(group, hosts, {
    usage: 'email <name> [address]',
    summary: 'say where mail reaches a user',
    options: [['--none', 'forget the address']],
    examples: ['berth user email alice alice@example.org', 'berth user email alice --none'],
    async run({ api, output, options: { none } }, name, address) {
      if ((address === undefined) !== (none === true)) throw usageError('give either an address or --none');
      const answer = await api.request('PATCH', `/users/${segment(name)}`, { email: address ?? null });
      output.show(answer, () =>
        address === undefined ? `User ${name} has no address.` : `Mail reaches ${name} at ${address}.`,
      );
    },
  });
}
