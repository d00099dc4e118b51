import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand, defineGroup } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { segment } from '../paths.ts';
import { timeOf } from '../sentences.ts';
import { formatCard, formatTable } from '../table.ts';
import { handoverToTeam } from './handover.ts';

const teamShape = z.object({ name: z.string(), createdAt: z.union([z.string(), z.number()]).nullish() });
const memberShape = z.object({ name: z.string() });

export function addTeam(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, {
    name: 'team',
    summary: 'groups of users that grants can name',
    examples: ['berth team add core', 'berth team member add core alice'],
  });
  addTeamMakers(group, hosts);
  addTeamLists(group, hosts);
  addMemberCommands(
    defineGroup(group, {
      name: 'member',
      summary: 'who is in a team',
      examples: ['berth team member add core alice', 'berth team member list core'],
    }),
    hosts,
  );
}

function addTeamMakers(group: Command, hosts: Hosts): void {
  defineCommand<{ handover?: boolean }>(group, hosts, {
    usage: 'add <team>',
    summary: 'make a team',
    options: [handoverToTeam],
    examples: ['berth team add core'],
    async run({ api, output, options: { handover } }, team) {
      const body = { name: team, ...(handover === true ? { handover } : {}) };
      const answer = await api.request('POST', '/teams', body);
      output.show(
        answer,
        () => `Team ${team} is there. Add people with: berth team member add ${team} <user>`,
      );
    },
  });
  defineCommand(group, hosts, {
    usage: 'rm <team>',
    summary: 'remove a team and the grants to it; its people stay',
    examples: ['berth team rm core'],
    async run({ api, output }, team) {
      const answer = await api.request('DELETE', `/teams/${segment(team)}`);
      output.show(answer, () => `Team ${team} is removed.`);
    },
  });
}

function addTeamLists(group: Command, hosts: Hosts): void {
  defineCommand(group, hosts, {
    usage: 'list',
    summary: 'list teams',
    examples: ['berth team list'],
    async run({ api, output }) {
      const answer = await listItems(api, '/teams');
      output.show(answer, () => {
        const teams = answer.items.map((item) => shaped(teamShape, item));
        return formatTable(
          ['NAME', 'MADE'],
          teams.map((team) => [team.name, timeOf(team.createdAt)]),
        );
      });
    },
  });
  defineCommand(group, hosts, {
    usage: 'show <team>',
    summary: 'show one team',
    examples: ['berth team show core'],
    notes: 'Who is in it: berth team member list core. What it may: berth grant list --subject team:core',
    async run({ api, output }, name) {
      const answer = await api.request('GET', `/teams/${segment(name)}`);
      output.show(answer, () => {
        const team = shaped(teamShape, answer);
        return formatCard([
          ['name', team.name],
          ['made', timeOf(team.createdAt)],
        ]);
      });
    },
  });
}

function addMemberCommands(group: Command, hosts: Hosts): void {
  const memberPath = (team: string, user: string) => `/teams/${segment(team)}/members/${segment(user)}`;
  defineCommand(group, hosts, {
    usage: 'add <team> <user>',
    summary: 'put a user into a team',
    examples: ['berth team member add core alice'],
    async run({ api, output }, team, user) {
      const answer = await api.request('PUT', memberPath(team, user));
      output.show(answer, () => `${user} is in team ${team}.`);
    },
  });
  defineCommand(group, hosts, {
    usage: 'list <team>',
    summary: 'list the people of a team',
    examples: ['berth team member list core'],
    async run({ api, output }, team) {
      const answer = await listItems(api, `/teams/${segment(team)}/members`);
      output.show(answer, () => {
        const members = answer.items.map((item) => shaped(memberShape, item));
        return formatTable(
          ['NAME'],
          members.map(({ name }) => [name]),
        );
      });
    },
  });
  defineCommand(group, hosts, {
    usage: 'rm <team> <user>',
    summary: 'take a user out of a team; rights through it end at once',
    examples: ['berth team member rm core alice'],
    async run({ api, output }, team, user) {
      const answer = await api.request('DELETE', memberPath(team, user));
      output.show(answer, () => `${user} is not in team ${team} any more.`);
    },
  });
}
