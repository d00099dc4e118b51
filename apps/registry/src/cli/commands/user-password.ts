import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { defineCommand } from '../define.ts';
import { usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { segment } from '../paths.ts';
import { newPassword, passwordOptions, type PasswordOptions } from './password.ts';

export function addUserPassword(group: Command, hosts: Hosts): void {
  defineCommand<PasswordOptions>(group, hosts, {
    usage: 'password [name]',
    summary: "change a password: without a name your own, with one anybody's, as an admin",
    options: passwordOptions,
    examples: [
      'berth user password alice',
      'berth --server https://berth.example --user alice user password',
    ],
    notes: 'What was logged in with the old password ends at once; personal access tokens stay.',
    async run(context, name?: string) {
      const answer = await (name === undefined ? changeOwn(context) : changeOf(context, name));
      context.output.show(answer, () => `The password of ${name ?? 'your account'} is changed.`);
    },
  });
}

async function changeOf(
  { api, hosts, options }: Context & { options: PasswordOptions },
  name: string,
): Promise<unknown> {
  const password = await newPassword(hosts, name, options);
  return api.request('PATCH', `/users/${segment(name)}`, { password });
}

async function changeOwn({
  api,
  hosts,
  login,
  options,
}: Context & { options: PasswordOptions }): Promise<unknown> {
  const known = await login();
  if (known.kind === 'token') throw usageError('log in with your password to change it: give --user <name>');
  const password = await newPassword(hosts, known.user, options);
  return api.request('PUT', '/me/password', { current: known.password, new: password });
}
