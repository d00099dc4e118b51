import type { Command } from 'commander';
import { dump } from 'js-yaml';
import { defineCommand, defineGroup } from '../define.ts';
import type { Hosts } from '../hosts.ts';

export function addConfig(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, {
    name: 'config',
    summary: 'the configuration of the server on this machine',
    examples: ['berth config check config.yml', 'berth config show'],
  });

  defineCommand(group, hosts, {
    usage: 'check [file]',
    summary: 'say whether the configuration is right, and what is wrong where',
    examples: ['berth config check', 'berth config check config.yml'],
    async run({ globals, output }, file?: string) {
      const text = await hosts.checkConfiguration({ config: file ?? globals.config });
      output.show({ messages: text.split('\n') }, () => text);
    },
  });
  defineCommand(group, hosts, {
    usage: 'show [file]',
    summary: 'print what is in effect, with file, environment and defaults put together and secrets masked',
    examples: ['berth config show'],
    async run({ globals, output }, file?: string) {
      const configuration = await hosts.showConfiguration({ config: file ?? globals.config });
      output.show(configuration, () => dump(configuration).trimEnd());
    },
  });
}
