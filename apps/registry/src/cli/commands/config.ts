import type { Command } from 'commander';
import { defineCommand, defineGroup } from '../define.ts';
import type { Hosts } from '../hosts.ts';

export function addConfig(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, 'config', 'the configuration of the server on this machine');
  const print = (text: string) => void hosts.stdout.write(text.endsWith('\n') ? text : `${text}\n`);

  defineCommand(group, hosts, {
    usage: 'check [file]',
    summary: 'say whether the configuration is right, and what is wrong where',
    examples: ['berth config check', 'berth config check config.yml'],
    run: async ({ globals }, file?: string) =>
      print(await hosts.checkConfiguration({ config: file ?? globals.config })),
  });
  defineCommand(group, hosts, {
    usage: 'show [file]',
    summary: 'print what is in effect, with file, environment and defaults put together and secrets masked',
    examples: ['berth config show'],
    run: async ({ globals }, file?: string) =>
      print(await hosts.showConfiguration({ config: file ?? globals.config })),
  });
}
