import type { Action } from '@berth/protocol';
import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import type { GlobalOptions } from '../context.ts';
import { defineCommand } from '../define.ts';
import { usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { listed, timeOf } from '../sentences.ts';
import { printableLines } from '../table.ts';
import { parseActions, parseExpiry } from '../words.ts';

interface CreateOptions {
  user?: string;
  robot?: string;
  repository?: string[];
  actions?: string[];
  expires?: string;
}

export const scopesShape = z
  .array(z.object({ repository: z.string(), actions: z.array(z.string()) }))
  .nullish();

const createdShape = z.object({
  id: z.string(),
  secret: z.string(),
  owner: z.string().nullish(),
  scopes: scopesShape,
  expiresAt: z.union([z.string(), z.number()]).nullish(),
});

export function addTokenCreate(group: Command, hosts: Hosts): void {
  defineCommand<CreateOptions>(group, hosts, {
    usage: 'create <name>',
    summary: 'make a token and print its secret, once',
    options: [
      ['--user <name>', 'whose token it is; for admins, without it your own'],
      ['--robot <name>', 'make it for this robot'],
      ['--repository <pattern>', 'limit it to this repository or pattern; may be repeated', 'repeated'],
      ['--actions <a,b>', 'what it may do there, one for each --repository or one for all', 'repeated'],
      ['--expires <when>', 'when it ends: 12h, 14d, 2w or a date'],
    ],
    examples: [
      'berth token create ci --user alice --repository team/app --actions pull',
      'berth token create deploy --robot deploy --expires 90d',
      'berth token create ci --robot ci | docker login localhost:5000 -u ci --password-stdin',
      'berth --server https://berth.example --user alice token create laptop',
    ],
    notes: 'Who you are is the --user before the word token; the one after it is whose token it will be.',
    async run({ api, output, globals, options }, name) {
      const answer = await api.request('POST', '/tokens', bodyOf(name, options));
      const host = (await api.registryHost()) ?? '<this registry>';
      output.show(answer, () => shaped(createdShape, answer).secret);
      // The secret alone is what a pipe to `docker login --password-stdin` takes.
      if (globals.json !== true)
        hosts.stderr.write(printableLines(describeCreated(answer, options, globals, host)));
    },
  });
}

function bodyOf(name: string, { user, robot, repository, actions, expires }: CreateOptions): unknown {
  const scopes = pairScopes(repository ?? [], actions ?? []);
  return {
    name,
    ...(user === undefined ? {} : { user }),
    ...(robot === undefined ? {} : { robot }),
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(expires === undefined ? {} : { expiresAt: parseExpiry(expires) }),
  };
}

function pairScopes(
  patterns: readonly string[],
  lists: readonly string[],
): { repository: string; actions: Action[] }[] {
  if (patterns.length === 0 && lists.length > 0)
    throw usageError('--actions needs a --repository that it is about');
  if (lists.length !== 1 && lists.length !== patterns.length) {
    throw usageError(
      'give --actions once for all, or once for each --repository, such as --actions pull,push',
    );
  }
  return patterns.map((repository, index) => ({
    repository,
    actions: parseActions(lists[index] ?? lists[0] ?? ''),
  }));
}

function describeCreated(
  answer: unknown,
  options: CreateOptions,
  globals: GlobalOptions,
  host: string,
): string {
  const { id, scopes, expiresAt, owner } = shaped(createdShape, answer);
  const user = ownerName(owner) ?? options.robot ?? options.user ?? globals.login ?? 'token';
  const limits = (scopes ?? []).map(({ repository, actions }) => `${listed(actions)} ${repository}`);
  return [
    '',
    `This is token ${id}, shown this once: keep it now.`,
    limits.length === 0 ? 'It may do whatever its owner may.' : `It may ${limits.join('; ')}.`,
    ...(expiresAt ? [`It ends ${timeOf(expiresAt)}.`] : []),
    `Log in with: docker login ${host} -u ${user}, and paste it as the password.`,
    '',
  ].join('\n');
}

function ownerName(owner: string | null | undefined): string | undefined {
  return owner ? owner.slice(owner.indexOf(':') + 1) : undefined;
}
