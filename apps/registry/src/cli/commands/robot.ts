import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { addAccountStates } from './account-states.ts';
import { defineCommand, defineGroup } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { segment } from '../paths.ts';
import { formatTable } from '../table.ts';

const robotShape = z.object({ name: z.string(), pattern: z.string(), disabled: z.boolean().optional() });

export function addRobot(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, 'robot', 'accounts for machines: no password, tokens of their own');
  addRobotCommands(group, hosts);
  addAccountStates(group, hosts, {
    noun: 'robot',
    example: 'deploy',
    effect: 'its tokens and grants stay',
  });
}

function addRobotCommands(group: Command, hosts: Hosts): void {
  defineCommand(group, hosts, {
    usage: 'add <name> <pattern>',
    summary: 'make a robot; who has admin on the pattern manages it',
    examples: ["berth robot add deploy 'team/**'"],
    notes:
      'A robot may nothing until a grant says so: berth grant add robot:deploy reader team/app\n' +
      'Who is no administrator begins the name with that of the pattern: team-deploy for team/**',
    async run({ api, output }, name, pattern) {
      const answer = await api.request('POST', '/robots', { name, pattern });
      output.show(
        answer,
        () => `Robot ${name} is there. Make it a token with: berth token create <name> --robot ${name}`,
      );
    },
  });
  defineCommand(group, hosts, {
    usage: 'list',
    summary: 'list robots',
    examples: ['berth robot list'],
    async run({ api, output }) {
      const answer = await listItems(api, '/robots');
      output.show(answer, () => {
        const robots = answer.items.map((item) => shaped(robotShape, item));
        return formatTable(
          ['NAME', 'OWNED BY', 'STATE'],
          robots.map(({ name, pattern, disabled }) => [
            name,
            pattern,
            disabled === true ? 'disabled' : 'active',
          ]),
        );
      });
    },
  });
  defineCommand(group, hosts, {
    usage: 'rm <name>',
    summary: 'remove a robot with its tokens and grants',
    examples: ['berth robot rm deploy'],
    async run({ api, output }, name) {
      const answer = await api.request('DELETE', `/robots/${segment(name)}`);
      output.show(answer, () => `Robot ${name} is removed.`);
    },
  });
}
