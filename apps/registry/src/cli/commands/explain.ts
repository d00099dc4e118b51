import type { Command } from 'commander';
import { z } from 'zod';
import { shaped } from '../answer.ts';
import { defineCommand } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { parseActions, parseSubject } from '../words.ts';

const explanationShape = z.object({
  actions: z.record(z.string(), z.object({ allowed: z.boolean(), reason: z.string(), path: z.string() })),
  nearMisses: z.array(z.object({ sentence: z.string() })).default([]),
  suggestion: z.string().optional(),
  registryAnswer: z.object({ status: z.number(), code: z.string().optional(), message: z.string() }),
});

type Explanation = z.infer<typeof explanationShape>;

export function addExplain(program: Command, hosts: Hosts): void {
  defineCommand<{ withToken?: string; service?: string }>(program, hosts, {
    usage: 'explain <subject-or-action> <action-or-repository> [repository]',
    shown: '[options] [subject] <action> <repository[:tag]>',
    summary: 'say whether somebody may do something, why, and what would change it',
    options: [
      ['--with-token <id>', 'as somebody who uses this personal access token; its id, not its secret'],
      ['--service <name>', 'at another registry that tokens are for (auth.builtin.services)'],
    ],
    examples: [
      'berth explain bob pull team/app',
      'berth explain robot:deploy push,overwrite team/app:v1',
      'berth --server https://berth.example --user bob explain pull team/app',
    ],
    notes: 'Without a subject it is about yourself.',
    async run({ api, output, options: { withToken, service } }, first, second, third?: string) {
      const [subject, action, reference] =
        third === undefined ? [undefined, first, second] : [first, second, third];
      const [repository, tag] = divideAtColon(reference);
      const answer = await api.request('POST', '/explain', {
        ...(subject === undefined ? {} : { subject: parseSubject(subject) }),
        ...(withToken === undefined ? {} : { token: withToken }),
        ...(service === undefined ? {} : { service }),
        repository,
        ...(tag === undefined ? {} : { tag }),
        actions: parseActions(action),
      });
      output.show(answer, () => printExplanation(shaped(explanationShape, answer)));
    },
  });
}

/** `team/app:v1`, as clients write it: no name holds a colon. */
function divideAtColon(reference: string): [repository: string, tag?: string] {
  const colon = reference.indexOf(':');
  return colon < 0 ? [reference] : [reference.slice(0, colon), reference.slice(colon + 1)];
}

function printExplanation({ actions, nearMisses, suggestion, registryAnswer }: Explanation): string {
  const answers = Object.values(actions);
  const { status, code, message } = registryAnswer;
  const details = [
    ...answers.filter(({ allowed }) => allowed).map(({ path }) => ['through', path]),
    ...nearMisses.map(({ sentence }) => ['near miss', sentence]),
    ...(suggestion === undefined ? [] : [['to allow it', suggestion]]),
  ];
  const width = Math.max(...details.map(([name = '']) => name.length));
  return [
    ...answers.map(({ reason }) => `${reason}.`),
    ...details.map(([name = '', text]) => `  ${name.padEnd(width)}   ${text}`),
    `  the registry answers ${[status, code].filter(Boolean).join(' ')}: ${message}`,
  ].join('\n');
}
