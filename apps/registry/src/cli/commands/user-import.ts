import { isNameComponent } from '@berth/protocol';
import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import type { AdminClient } from '../client.ts';
import { defineCommand } from '../define.ts';
import { CommandError, usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { formatTable } from '../table.ts';

/** What became of one line. */
interface Imported {
  readonly name: string;
  readonly imported: boolean;
  /** Why not. */
  readonly reason?: string;
}

export function addUserImport(group: Command, hosts: Hosts): void {
  defineCommand(group, hosts, {
    usage: 'import <htpasswd-file>',
    summary: 'make the users of an htpasswd file, with the passwords that they have',
    examples: ['berth user import /etc/registry/htpasswd'],
    notes: [
      'Takes lines name:hash with bcrypt (htpasswd -B) or argon2id; at the first login the hash becomes argon2id.',
      'bcrypt reads 72 bytes: who has a longer password needs a new one. Names with capitals are skipped.',
    ].join('\n'),
    async run({ api, output }, file) {
      const lines = await readLines(file);
      const items: Imported[] = [];
      for (const line of lines) items.push(await importLine(api, line));
      output.show({ items }, () =>
        formatTable(
          ['NAME', 'RESULT'],
          items.map(({ name, reason }) => [name, reason === undefined ? 'imported' : `skipped: ${reason}`]),
        ),
      );
      const skipped = items.filter(({ imported }) => !imported).length;
      if (skipped > 0) throw new CommandError('refused', `skipped: ${skipped} of ${items.length}`);
    },
  });
}

/** Without blank lines and comments. */
async function readLines(file: string | undefined): Promise<string[]> {
  const text = await readFile(file ?? '', 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(`${file} cannot be read (${error.code ?? error.message})`);
  });
  return text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/** What the server refuses is the fate of one line; without a server none of the others would go better. */
async function importLine(api: AdminClient, line: string): Promise<Imported> {
  const [name = '', passwordHash = ''] = line.trim().split(':');
  const problem = problemOf(name, passwordHash);
  if (problem !== undefined) return { name, imported: false, reason: problem };
  try {
    await api.request('POST', '/users', { name, passwordHash });
    return { name, imported: true };
  } catch (error) {
    if (!(error instanceof CommandError) || error.code !== 'refused') throw error;
    return { name, imported: false, reason: error.message };
  }
}

function problemOf(name: string, passwordHash: string): string | undefined {
  if (!isNameComponent(name)) return 'a name has lower-case letters, digits and single . _ - between them';
  if (/^\$(2[aby]|argon2id)\$/.test(passwordHash)) return undefined;
  return 'the hash is neither bcrypt nor argon2id: make it with htpasswd -B';
}
