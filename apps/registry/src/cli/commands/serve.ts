import type { Command } from 'commander';
import { defineCommand } from '../define.ts';
import type { Hosts } from '../hosts.ts';

export function addServe(program: Command, hosts: Hosts): void {
  defineCommand(program, hosts, {
    usage: 'serve [config]',
    summary: 'start the registry',
    examples: ['berth serve', 'berth serve /etc/docker/registry/config.yml'],
    notes: 'Without a file it looks where the original registry does, and needs none.',
    run: ({ hosts, globals }, config?: string) => hosts.serve({ config: config ?? globals.config }),
  });
}
