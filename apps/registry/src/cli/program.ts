import { Command, CommanderError } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addBackup } from './commands/backup.ts';
import { addConfig } from './commands/config.ts';
import { addExplain } from './commands/explain.ts';
import { addExport } from './commands/export.ts';
import { addGrant } from './commands/grant.ts';
import { addJob } from './commands/job.ts';
import { addKeys } from './commands/keys.ts';
import { addRepository } from './commands/repository.ts';
import { addRestore } from './commands/restore.ts';
import { addRobot } from './commands/robot.ts';
import { addServe } from './commands/serve.ts';
import { addStorage } from './commands/storage.ts';
import { addTeam } from './commands/team.ts';
import { addToken } from './commands/token.ts';
import { addUser } from './commands/user.ts';
import { globalOptions } from './define.ts';
import { CommandError } from './errors.ts';
import type { Hosts } from './hosts.ts';
import { printable } from './table.ts';

export type { ConfigurationOptions, Hosts, Input, LocalServer } from './hosts.ts';

const nouns = [
  addServe,
  addConfig,
  addUser,
  addTeam,
  addRobot,
  addGrant,
  addToken,
  addExplain,
  addRepository,
  addKeys,
  addAudit,
  addStorage,
  addBackup,
  addRestore,
  addExport,
  addJob,
];

const rootHelp = `
Examples:
  berth serve
  berth user add alice
  berth grant add alice writer 'team/**'
  berth explain bob pull team/app
  berth --server https://berth.example --user alice repository list

Without --server, commands work on the database of this machine, where you may do everything.
A password is asked for, or comes from BERTH_PASSWORD; a token from BERTH_TOKEN. Neither is ever an argument.
\`registry <config.yml>\` and \`registry serve <config.yml>\` are \`berth serve\`.`;

/** The command line; what it prints and how it fails goes through `hosts`. */
export function createProgram(hosts: Hosts): Command {
  const program = new Command('berth')
    .description('A private registry for container images, and who may do what in it.')
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true, subcommandTerm: termOf })
    .configureOutput({
      writeOut: (text) => void hosts.stdout.write(text),
      writeErr: (text) => void hosts.stderr.write(text),
      outputError: (text, write) => write(`${oneLine(text.replace(/^error: /, 'berth: '))}\n`),
    })
    .exitOverride()
    .addHelpText('after', rootHelp);
  if (hosts.version !== undefined) program.version(hosts.version);
  for (const option of globalOptions()) program.addOption(option);
  for (const addNoun of nouns) addNoun(program, hosts);
  return program;
}

/**
 * Runs one command and resolves with its exit code: 0 done, 1 the server said no, 2 wrongly written. An error is one
 * line on `stderr`, never a stack.
 */
export async function runProgram(hosts: Hosts, args: readonly string[]): Promise<number> {
  try {
    await createProgram(hosts).parseAsync(expandAlias(args), { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const message = error instanceof Error ? error.message : String(error);
    hosts.stderr.write(`berth: ${message.split('\n').map(printable).join('\n')}\n`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

/** What stands for a command in a list of commands: its arguments, or the verbs of a noun. */
function termOf(command: Command): string {
  const verbs = command.commands.map((verb) => verb.name()).join('|');
  return `${command.name()} ${verbs || command.usage().replace(/^\[options\] ?/, '')}`.trim();
}

/** The original registry is started with a file and nothing else, and collects with a file at the end. */
function expandAlias(args: readonly string[]): string[] {
  const isFile = (word = '') => /\.ya?ml$/.test(word);
  if (isFile(args[0])) return ['serve', ...args];
  if (args[0] === 'garbage-collect' && isFile(args.at(-1)) && args.at(-2) !== '--config')
    return [...args.slice(0, -1), '--config', ...args.slice(-1)];
  return [...args];
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}
