import { CommandError, usageError } from './errors.ts';
import type { Hosts } from './hosts.ts';
import { askLine, isTerminal } from './secrets.ts';

/**
 * Resolves when the person says `yes` to `question`, which is made only where there is somebody to ask. Rejects where
 * the answer is another one, and where nobody can be asked.
 */
export async function confirm(hosts: Hosts, question: () => Promise<string>): Promise<void> {
  if (!isTerminal(hosts.stdin)) throw usageError('nobody can be asked here: say --yes if you mean it');
  const answer = await askLine(hosts, await question());
  if (answer.trim().toLowerCase() !== 'yes')
    throw new CommandError('usage', 'that was not yes; nothing was changed');
}
