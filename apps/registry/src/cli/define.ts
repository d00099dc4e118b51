import { Command, Option } from 'commander';
import { createContext, type Context, type GlobalOptions } from './context.ts';
import type { Hosts } from './hosts.ts';

/** One command: how it is written, what help says of it, and what it does. */
export interface CommandDefinition<Options extends object> {
  /** `add <name>`, as commander has it. */
  readonly usage: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly options?: readonly CommandOption[];
  /** More for the end of its help. */
  readonly notes?: string;
  /** Replaces the usage in help, where it is more than `usage` can say. */
  readonly shown?: string;
  run(context: Context & { readonly options: Options }, ...words: string[]): Promise<void>;
}

export type CommandOption = readonly [flags: string, help: string, kind?: 'repeated'];

/** `--user` of the person who asks, kept apart from a command's own `--user`. */
class LoginOption extends Option {
  override attributeName(): string {
    return 'login';
  }
}

export interface GroupDefinition {
  readonly name: string;
  readonly summary: string;
  /** One or two for the end of its help: those of its commands are in theirs. */
  readonly examples: readonly string[];
}

export function defineGroup(parent: Command, { name, summary, examples }: GroupDefinition): Command {
  const group = parent.command(name).description(summary).addHelpText('after', helpEnd({ examples }));
  for (const option of globalOptions()) group.addOption(option.hideHelp());
  return group;
}

export function defineCommand<Options extends object>(
  parent: Command,
  hosts: Hosts,
  definition: CommandDefinition<Options>,
): void {
  const command = parent.command(definition.usage).description(definition.summary);
  for (const option of definition.options ?? []) command.addOption(ownOption(option));
  for (const option of globalOptions()) {
    if (!command.options.some(({ long }) => long === option.long)) command.addOption(option.hideHelp());
  }
  if (definition.shown !== undefined) command.usage(definition.shown);
  command.addHelpText('after', helpEnd(definition));
  command.action(async (...given: unknown[]) => {
    const words = given.slice(0, -2).filter((word) => word !== undefined) as string[];
    const context = createContext(hosts, command.optsWithGlobals<GlobalOptions>());
    try {
      await definition.run({ ...context, options: command.opts<Options>() }, ...words);
    } finally {
      await context.api.close();
    }
  });
}

/** Understood before and after the name of a command. */
export function globalOptions(): Option[] {
  return [
    new Option('--server <url>', 'a Berth elsewhere, as http://host:5000 (BERTH_SERVER)'),
    new LoginOption('--user <name>', 'who you are there (BERTH_USER)'),
    new Option('--json', 'print the answer as JSON'),
    new Option('--config <file>', 'configuration of the server on this machine'),
  ];
}

function ownOption([flags, help, kind]: CommandOption): Option {
  const option = new Option(flags, help);
  if (kind === 'repeated') option.argParser((value, before: string[] = []) => [...before, value]);
  return option;
}

function helpEnd({ examples, notes }: Pick<CommandDefinition<object>, 'examples' | 'notes'>): string {
  const title = examples.length === 1 ? 'Example' : 'Examples';
  const lines = examples.map((example) => `  ${example}`).join('\n');
  return `\n${title}:\n${lines}${notes === undefined ? '' : `\n\n${notes}`}`;
}
