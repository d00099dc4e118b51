import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { addAccountStates } from './account-states.ts';
import { defineCommand, defineGroup } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { segment } from '../paths.ts';
import { timeOf } from '../sentences.ts';
import { formatCard, formatTable } from '../table.ts';

const robotShape = z.object({
  name: z.string(),
  pattern: z.string(),
  disabled: z.boolean().optional(),
  createdAt: z.string().nullish(),
  createdBy: z.string().nullish(),
});

export function addRobot(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, {
    name: 'robot',
    summary: 'accounts for machines: no password, tokens of their own',
    examples: ["berth robot add team-ci 'team/**'", 'berth token create build --robot team-ci'],
  });
  addRobotAdd(group, hosts);
  addRobotLists(group, hosts);
  addRobotPattern(group, hosts);
  addAccountStates(group, hosts, {
    noun: 'robot',
    example: 'deploy',
    effect: 'its tokens and grants stay',
  });
  addRobotRemove(group, hosts);
}

function addRobotAdd(group: Command, hosts: Hosts): void {
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
}

function addRobotLists(group: Command, hosts: Hosts): void {
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
          robots.map(({ name, pattern, disabled }) => [name, pattern, stateOf(disabled)]),
        );
      });
    },
  });
  defineCommand(group, hosts, {
    usage: 'show <name>',
    summary: 'show one robot',
    examples: ['berth robot show deploy'],
    notes:
      'What it may: berth grant list --subject robot:deploy. Its tokens: berth token list --robot deploy',
    async run({ api, output }, name) {
      const answer = await api.request('GET', `/robots/${segment(name)}`);
      output.show(answer, () => {
        const robot = shaped(robotShape, answer);
        return formatCard([
          ['name', robot.name],
          ['owned by', robot.pattern],
          ['state', stateOf(robot.disabled)],
          ['made', timeOf(robot.createdAt)],
          ['made by', robot.createdBy ?? undefined],
        ]);
      });
    },
  });
}

function addRobotPattern(group: Command, hosts: Hosts): void {
  defineCommand(group, hosts, {
    usage: 'pattern <name> <pattern>',
    summary: 'hand a robot over to who has admin on another pattern; its tokens and grants stay',
    examples: ["berth robot pattern deploy 'ops/**'"],
    async run({ api, output }, name, pattern) {
      const answer = await api.request('PATCH', `/robots/${segment(name)}`, { pattern });
      output.show(answer, () => `Robot ${name} is owned by ${pattern}.`);
    },
  });
}

function addRobotRemove(group: Command, hosts: Hosts): void {
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

function stateOf(disabled: boolean | undefined): string {
  return disabled === true ? 'disabled' : 'active';
}
