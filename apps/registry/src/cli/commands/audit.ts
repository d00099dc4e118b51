import { auditActionsByNoun, auditOutcomes } from '@berth/protocol';
import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand } from '../define.ts';
import { usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { listItems } from '../paging.ts';
import { timeOf } from '../sentences.ts';
import { formatTable } from '../table.ts';
import { parseTime } from '../words.ts';

interface AuditOptions {
  subject?: string;
  repository?: string;
  action?: string;
  outcome?: string;
  since?: string;
  until?: string;
  limit?: string;
}

const eventShape = z.object({
  at: z.union([z.string(), z.number()]),
  action: z.string(),
  outcome: z.string(),
  actor: z.string(),
  address: z.string().nullish(),
  repository: z.string().nullish(),
  target: z.string().nullish(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  reason: z.string().nullish(),
});

type Event = z.infer<typeof eventShape>;

/** In `before` and `after` of a tag: the digest that it points to. */
const namesDigest = z.object({ digest: z.string() });

const usualCount = 50;

export function addAudit(program: Command, hosts: Hosts): void {
  defineCommand<AuditOptions>(program, hosts, {
    usage: 'audit',
    summary: 'print who did what, the newest first',
    options: [
      ['--subject <name>', 'only what this account did'],
      ['--repository <name>', 'only what was about this repository'],
      ['--action <action>', 'only this, such as grant.create; grant: all that begin with it'],
      ['--outcome <outcome>', 'done, denied or failed'],
      ['--since <when>', 'not older: 30m, 12h, 14d or a date'],
      ['--until <when>', 'not newer'],
      ['--limit <count>', `lines at most (default ${usualCount})`],
    ],
    examples: [
      'berth audit --since 1d',
      'berth audit --subject bob --outcome denied',
      'berth audit --repository team/app --action registry.push',
      'berth audit --action user --outcome denied',
    ],
    notes: actionNotes(),
    async run({ api, output, options }) {
      const { since, until, limit, ...filters } = options;
      requireOutcome(filters.outcome);
      const times = {
        since: since === undefined ? undefined : parseTime(since, 'past'),
        until: until === undefined ? undefined : parseTime(until, 'past'),
      };
      const answer = await listItems(api, '/audit', { ...ownFilters(filters), ...times }, countOf(limit));
      output.show(answer, () => (answer.items.length === 0 ? 'There are none.' : eventTable(answer.items)));
    },
  });
}

/** What the server filters by: `options` also holds --server, --json and the like. */
function ownFilters({
  subject,
  repository,
  action,
  outcome,
}: AuditOptions): Record<string, string | undefined> {
  return { subject, repository, action, outcome };
}

function requireOutcome(outcome: string | undefined): void {
  if (outcome === undefined || auditOutcomes.some((known) => known === outcome)) return;
  throw usageError(`--outcome ${outcome} is none of ${auditOutcomes.join(', ')}`);
}

function countOf(limit: string | undefined): number {
  const count = Number(limit ?? usualCount);
  if (Number.isInteger(count) && count > 0) return count;
  throw usageError(`--limit ${limit}: write a whole number above 0`);
}

/** Those of this version; a server of another one says itself what it does not have. */
function actionNotes(): string {
  return ['Actions:', ...auditActionsByNoun().map(([, actions]) => `  ${actions.join(', ')}`)].join('\n');
}

function eventTable(items: readonly unknown[]): string {
  const rows = items.map((item) => {
    const event = shaped(eventShape, item);
    const { at, actor, address, action, outcome, reason } = event;
    return [timeOf(at), actor, address ?? '', action, outcome, aboutOf(event), reason ?? ''];
  });
  return formatTable(['WHEN', 'WHO', 'FROM', 'WHAT', 'OUTCOME', 'ABOUT', 'REASON'], rows);
}

/** `team/app 1.2`, and of a tag that was put what it names: `team/app 1.2 is sha256:…, was sha256:…`. */
function aboutOf({ action, repository, target, before, after }: Event): string {
  const about = [repository, target].filter(Boolean).join(' ');
  const now = digestIn(after);
  if (action !== 'registry.push' || now === undefined || now === target) return about;
  const was = digestIn(before);
  return `${about} is ${short(now)}${was === undefined ? '' : `, was ${short(was)}`}`;
}

function digestIn(state: unknown): string | undefined {
  return namesDigest.safeParse(state).data?.digest;
}

/** As much as `docker images` shows; `--json` has all of it. */
function short(digest: string): string {
  return digest.replace(/(?<=:[0-9a-f]{12})[0-9a-f]+$/, '');
}
