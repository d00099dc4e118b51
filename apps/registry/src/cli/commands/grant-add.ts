import { actions, roles } from '@berth/protocol';
import type { Command } from 'commander';
import { shaped } from '../answer.ts';
import { defineCommand } from '../define.ts';
import { describeGrant, grantSentence, grantShape } from '../grant-sentence.ts';
import type { Hosts } from '../hosts.ts';
import { parseExpiry, parseRights, parseSubject } from '../words.ts';
import { describeDifference } from './grant-difference.ts';

interface AddOptions {
  tags?: string;
  expires?: string;
  comment?: string;
  deny?: boolean;
  dryRun?: boolean;
}

export function addGrantAdd(group: Command, hosts: Hosts): void {
  defineCommand<AddOptions>(group, hosts, {
    usage: 'add <subject> <rights> <pattern>',
    shown: '[options] <subject> <role|actions> <pattern>',
    summary: 'give, or with --deny refuse, rights on repositories',
    options: [
      ['--tags <pattern>', 'only for tags such as v1.*'],
      ['--expires <when>', 'when it ends: 12h, 14d, 2w or a date such as 2030-12-31'],
      ['--comment <text>', 'why, for those who read it later'],
      ['--deny', 'refuse instead of allow; a deny beats every allow'],
      ['--dry-run', 'say what would change, and change nothing'],
    ],
    examples: [
      "berth grant add team:core writer 'team/**'",
      'berth grant add bob reader team/app --expires 14d',
      "berth grant add anonymous reader 'public/**' --dry-run",
    ],
    notes: grammar(),
    async run({ api, output, options }, subject, rights, pattern) {
      const body = bodyOf(subject, rights, pattern, options);
      const path = options.dryRun === true ? '/grants?dryRun=true' : '/grants';
      const { status, value } = await api.exchange('POST', path, body);
      output.show(value, () => {
        if (options.dryRun === true) return describeDifference(value);
        return status === 201 ? describeGrant(shaped(grantShape, value)) : describeSame(value, options);
      });
    },
  });
}

function bodyOf(subject: string, rights: string, repository: string, options: AddOptions): unknown {
  const { tags, expires, comment, deny } = options;
  return {
    ...(deny === true ? { effect: 'deny' } : {}),
    subject: parseSubject(subject),
    repository,
    ...parseRights(rights),
    ...(tags === undefined ? {} : { tags }),
    ...(expires === undefined ? {} : { expiresAt: parseExpiry(expires) }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** 200: a grant that says the same was there, and stays as it is. */
function describeSame(value: unknown, { comment }: AddOptions): string {
  const grant = shaped(grantShape, value);
  const kept = grant.comment ? `keeps its comment: ${grant.comment}` : 'stays without a comment';
  const other = comment !== undefined && comment !== (grant.comment ?? '') ? ` It ${kept}` : '';
  return `Grant ${grant.id} is there already: ${grantSentence(grant)}${other}`;
}

function grammar(): string {
  const widest = Math.max(...Object.keys(roles).map((role) => role.length));
  return [
    'Subjects: alice (a user), team:core, robot:deploy, authenticated, anonymous',
    'Roles:',
    ...Object.entries(roles).map(([role, list]) => `  ${role.padEnd(widest)}   ${list.join(',')}`),
    `Actions: ${actions.join(',')}`,
    "Patterns: team/app, 'team/*' (one part below), 'team/**' (everything below), '**'; quote them for the shell",
  ].join('\n');
}
