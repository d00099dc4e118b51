import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { addAccountStates } from './account-states.ts';
import { defineCommand, defineGroup } from '../define.ts';
import { handoverToUser } from './handover.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { segment } from '../paths.ts';
import { formatCard, formatTable } from '../table.ts';
import { timeOf } from '../sentences.ts';
import { newPassword, passwordOptions, type PasswordOptions } from './password.ts';
import { addUserChanges } from './user-changes.ts';
import { addUserImport } from './user-import.ts';
import { addUserPassword } from './user-password.ts';

const userShape = z.object({
  name: z.string(),
  email: z.string().nullish(),
  admin: z.boolean().optional(),
  disabled: z.boolean().optional(),
  createdAt: z.union([z.string(), z.number()]).nullish(),
});

export function addUser(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, {
    name: 'user',
    summary: 'people who log in',
    examples: ['berth user add alice', 'berth user disable bob'],
  });
  addUserAdd(group, hosts);
  addUserLists(group, hosts);
  addAccountStates(group, hosts, {
    noun: 'user',
    example: 'bob',
    effect: 'tokens and logins end, grants stay',
    notes:
      'Robots under bob/** go on, as those of his teams do: berth robot list, berth robot disable <name>',
  });
  addUserRemove(group, hosts);
  addUserPassword(group, hosts);
  addUserChanges(group, hosts);
  addUserImport(group, hosts);
}

function addUserAdd(group: Command, hosts: Hosts): void {
  defineCommand<PasswordOptions & { email?: string; admin?: boolean; handover?: boolean }>(group, hosts, {
    usage: 'add <name>',
    summary: 'make a user; asks for the password',
    options: [
      ['--email <address>', 'where mail reaches the person'],
      ['--admin', 'may do everything'],
      ...passwordOptions,
      handoverToUser,
      ['--no-password', 'cannot log in with a password, only with tokens'],
    ],
    examples: ['berth user add alice', 'pass show alice | berth user add alice --password-stdin'],
    async run({ api, output, options }, name) {
      const password = await newPassword(hosts, name, options);
      const answer = await api.request('POST', '/users', {
        name,
        ...(password === undefined ? {} : { password }),
        ...(options.email === undefined ? {} : { email: options.email }),
        ...(options.admin === true ? { admin: true } : {}),
        ...(options.handover === true ? { handover: true } : {}),
      });
      output.show(answer, () => `User ${name} is there and owns ${name}/**.`);
    },
  });
}

function addUserLists(group: Command, hosts: Hosts): void {
  defineCommand(group, hosts, {
    usage: 'list',
    summary: 'list users',
    examples: ['berth user list'],
    async run({ api, output }) {
      const answer = await listItems(api, '/users');
      output.show(answer, () => {
        const rows = answer.items.map((item) => shaped(userShape, item));
        return formatTable(
          ['NAME', 'KIND', 'STATE', 'EMAIL'],
          rows.map((user) => [user.name, kindOf(user.admin), stateOf(user.disabled), user.email ?? '']),
        );
      });
    },
  });
  defineCommand(group, hosts, {
    usage: 'show <name>',
    summary: 'show one user',
    examples: ['berth user show alice'],
    async run({ api, output }, name) {
      const answer = await api.request('GET', `/users/${segment(name)}`);
      output.show(answer, () => {
        const user = shaped(userShape, answer);
        return formatCard([
          ['name', user.name],
          ['kind', kindOf(user.admin)],
          ['state', stateOf(user.disabled)],
          ['email', user.email ?? undefined],
          ['made', timeOf(user.createdAt)],
        ]);
      });
    },
  });
}

function addUserRemove(group: Command, hosts: Hosts): void {
  defineCommand<{ robots?: string }>(group, hosts, {
    usage: 'rm <name>',
    summary: 'remove a user, with the tokens and grants of that user; repositories stay',
    options: [['--robots <choice>', 'delete or keep the robots under <name>/**, where there are some']],
    examples: ['berth user rm bob', 'berth user rm bob --robots delete'],
    notes:
      'Tokens that bob made for robots of his teams go on, and he may know them: berth audit --subject bob',
    async run({ api, output, options: { robots } }, name) {
      const query = robots === undefined ? '' : `?robots=${segment(robots)}`;
      const answer = await api.request('DELETE', `/users/${segment(name)}${query}`);
      output.show(answer, () => `User ${name} is removed.`);
    },
  });
}

/** Empty for those who see only the names of others. */
function kindOf(admin: boolean | undefined): string {
  if (admin === undefined) return '';
  return admin ? 'admin' : 'user';
}

function stateOf(disabled: boolean | undefined): string {
  if (disabled === undefined) return '';
  return disabled ? 'disabled' : 'active';
}
