import { Command, CommanderError } from 'commander';
import { globalOptions } from './define.ts';
import { CommandError } from './errors.ts';
import type { Hosts } from './hosts.ts';
import { printable, printableLines } from './table.ts';

export type { ConfigurationOptions, Hosts, Input, LocalServer } from './hosts.ts';

type AddNoun = (program: Command, hosts: Hosts) => void;

/** In the order of the help. Each is loaded where it is needed: a start of the server needs one of them. */
const nouns: Readonly<Record<string, () => Promise<AddNoun>>> = {
  serve: async () => (await import('./commands/serve.ts')).addServe,
  config: async () => (await import('./commands/config.ts')).addConfig,
  user: async () => (await import('./commands/user.ts')).addUser,
  team: async () => (await import('./commands/team.ts')).addTeam,
  robot: async () => (await import('./commands/robot.ts')).addRobot,
  whoami: async () => (await import('./commands/whoami.ts')).addWhoami,
  grant: async () => (await import('./commands/grant.ts')).addGrant,
  token: async () => (await import('./commands/token.ts')).addToken,
  explain: async () => (await import('./commands/explain.ts')).addExplain,
  repository: async () => (await import('./commands/repository.ts')).addRepository,
  keys: async () => (await import('./commands/keys.ts')).addKeys,
  audit: async () => (await import('./commands/audit.ts')).addAudit,
  'garbage-collect': async () => (await import('./commands/garbage-collect.ts')).addGarbageCollect,
  verify: async () => (await import('./commands/verify.ts')).addVerify,
  check: async () => (await import('./commands/check.ts')).addCheck,
  backup: async () => (await import('./commands/backup.ts')).addBackup,
  restore: async () => (await import('./commands/restore.ts')).addRestore,
  export: async () => (await import('./commands/export.ts')).addExport,
  job: async () => (await import('./commands/job.ts')).addJob,
};

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

/**
 * The command line; what it prints and how it fails goes through `hosts`. It knows no other noun where `args` begin with
 * one.
 */
export async function createProgram(hosts: Hosts, args: readonly string[] = []): Promise<Command> {
  const program = new Command('berth')
    .description('A private registry for container images, and who may do what in it.')
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true, subcommandTerm: termOf })
    .configureOutput({
      writeOut: (text) => void hosts.stdout.write(text),
      writeErr: (text) => void hosts.stderr.write(text),
      outputError: (text, write) => write(`${printable(oneLine(inOurWords(text)))}\n`),
    })
    .exitOverride()
    .addHelpText('after', rootHelp);
  if (hosts.version !== undefined) program.version(hosts.version);
  for (const option of globalOptions()) program.addOption(option);
  for (const addNoun of await loadNouns(args)) addNoun(program, hosts);
  return program;
}

function loadNouns([first = '']: readonly string[]): Promise<AddNoun[]> {
  const named = Object.entries(nouns).filter(([name]) => name === first);
  const needed = named.length > 0 ? named : Object.entries(nouns);
  return Promise.all(needed.map(([, load]) => load()));
}

/**
 * Runs one command and resolves with its exit code: 0 done, 1 the server said no, 2 wrongly written. An error is one
 * line on `stderr`, never a stack.
 */
export async function runProgram(hosts: Hosts, args: readonly string[]): Promise<number> {
  try {
    const words = expandAlias(args);
    const program = await createProgram(hosts, words);
    await program.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const message = error instanceof Error ? error.message : String(error);
    hosts.stderr.write(`berth: ${printableLines(message)}\n`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

/** What stands for a command in a list of commands: its arguments, or the verbs of a noun. */
function termOf(command: Command): string {
  const verbs = command.commands.map((verb) => verb.name()).join('|');
  return `${command.name()} ${verbs || command.usage().replace(/^\[options\] ?/, '')}`.trim();
}

/**
 * The original registry is started with a file and nothing else, and collects with a file at the end. `help grant add` is
 * `grant add --help`: commander's own `help` looks at one word.
 */
function expandAlias(args: readonly string[]): string[] {
  const isFile = (word = '') => /\.ya?ml$/.test(word);
  if (isFile(args[0])) return ['serve', ...args];
  if (args[0] === 'garbage-collect' && isFile(args.at(-1)) && args.at(-2) !== '--config')
    return [...args.slice(0, -1), '--config', ...args.slice(-1)];
  if (args[0] === 'help' && args.length > 2) return [...args.slice(1), '--help'];
  return [...args];
}

/** `--no-password`, which commander takes for what was meant, makes an account that cannot log in. What was typed is not repeated. */
function inOurWords(text: string): string {
  if (/^error: unknown option '--password[='].*/.test(text)) {
    return 'berth: a password is never an argument: without it you are asked, or --password-stdin reads it';
  }
  return text.replace(/^error: /, 'berth: ');
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}
