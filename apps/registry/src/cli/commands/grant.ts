import type { Command } from 'commander';
import { shaped } from '../answer.ts';
import { defineCommand, defineGroup } from '../define.ts';
import { describeGrant, grantShape, rightsOf } from '../grant-sentence.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { segment } from '../paths.ts';
import { timeOf } from '../sentences.ts';
import { formatTable } from '../table.ts';
import { parseSubject } from '../words.ts';
import { addGrantAdd } from './grant-add.ts';
import { describeDifference } from './grant-difference.ts';

export function addGrant(program: Command, hosts: Hosts): void {
  const group = defineGroup(program, {
    name: 'grant',
    summary: 'who may, or may not, do what where',
    examples: ["berth grant add alice writer 'team/**'", 'berth grant list --repository team/app'],
  });
  addGrantAdd(group, hosts);
  addGrantList(group, hosts);
  addGrantById(group, hosts);
}

function addGrantList(group: Command, hosts: Hosts): void {
  defineCommand<{ subject?: string; repository?: string }>(group, hosts, {
    usage: 'list',
    summary: 'list grants',
    options: [
      ['--subject <subject>', 'only those to this user, team:…, robot:…, authenticated or anonymous'],
      ['--repository <pattern>', 'only those for this repository or pattern'],
    ],
    examples: [
      'berth grant list',
      'berth grant list --subject team:core',
      'berth grant list --repository team/app',
    ],
    async run({ api, output, options: { subject, repository } }) {
      const filters = { subject: subject === undefined ? undefined : parseSubject(subject), repository };
      const answer = await listItems(api, '/grants', filters);
      output.show(answer, () => grantTable(answer.items));
    },
  });
}

function addGrantById(group: Command, hosts: Hosts): void {
  defineCommand(group, hosts, {
    usage: 'show <id>',
    summary: 'say what one grant means',
    examples: ['berth grant show 7f3kq2ab'],
    async run({ api, output }, id) {
      const answer = await api.request('GET', `/grants/${segment(id)}`);
      output.show(answer, () => describeGrant(shaped(grantShape, answer)));
    },
  });
  defineCommand<{ dryRun?: boolean }>(group, hosts, {
    usage: 'rm <id>',
    summary: 'take a grant back; it stops at once, for tokens that are out too',
    options: [['--dry-run', 'say what would change, and change nothing']],
    examples: ['berth grant rm 7f3kq2ab', 'berth grant rm 7f3kq2ab --dry-run'],
    async run({ api, output, options: { dryRun } }, id) {
      const answer = await api.request(
        'DELETE',
        `/grants/${segment(id)}${dryRun === true ? '?dryRun=true' : ''}`,
      );
      output.show(answer, () => (dryRun === true ? describeDifference(answer) : `Grant ${id} is removed.`));
    },
  });
}

function grantTable(items: readonly unknown[]): string {
  const rows = items.map((item) => {
    const grant = shaped(grantShape, item);
    const rights = `${grant.effect === 'deny' ? 'deny ' : ''}${rightsOf(grant)}`;
    const { id, subject, repository, tags, expiresAt, createdBy, comment } = grant;
    return [id, subject, rights, repository, tags ?? '', timeOf(expiresAt), createdBy ?? '', comment ?? ''];
  });
  return formatTable(
    ['ID', 'SUBJECT', 'RIGHTS', 'REPOSITORY', 'TAGS', 'EXPIRES', 'MADE BY', 'COMMENT'],
    rows,
  );
}
