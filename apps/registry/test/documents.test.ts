import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { Hosts } from '../src/cli/hosts.ts';
import { createProgram } from '../src/cli/program.ts';

/** What the pages name is there: files, other pages, commands and their options. */
const root = resolve(import.meta.dirname, '../../..');
const pages = paths('*.md', 'docs/*.md', 'docker/*.md', 'packages/*/*.md', 'apps/*/*.md');
const sources = paths('packages/*/src/**/*.ts', 'apps/registry/{src,test,scripts,bench}/**/*.ts');
const maps = ['docs/architecture.md', 'docs/interoperability.md'];

function paths(...patterns: string[]): string[] {
  const found = globSync(patterns, { cwd: root });
  return found.filter((path) => !path.includes('node_modules')).toSorted();
}

const read = (page: string) => readFile(join(root, page), 'utf8');

describe.each(pages)('%s', (page) => {
  test('links to what is there', async () => {
    const links = [...(await read(page)).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => to);
    const local = links.filter((to) => !/^[a-z]+:/.test(to));
    expect(local.filter((to) => !existsSync(join(root, dirname(page), to)))).toEqual([]);
  });

  test('writes commands that there are, with options that they take', async () => {
    const unknown = commandsIn(await read(page)).flatMap((line) => problemOf(line));
    expect(unknown).toEqual([]);
  });
});

test.each(maps)('%s names files that there are', async (page) => {
  const named = [...(await read(page)).matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(0);
  const isThere = (name: string) => sources.some((path) => path === name || path.endsWith(`/${name}`));
  expect(named.filter((name) => !isThere(name))).toEqual([]);
});

/** What is written after `berth`: in a block behind a prompt, or between backticks. */
function commandsIn(text: string): string[] {
  const inline = [...text.matchAll(/`(?:pnpm (?:--silent )?)?berth ([^`\n]+)`/g)];
  const typed = [...text.matchAll(/^(?:\w*\$ )?(?:pnpm (?:--silent )?)?berth ([a-z-][^\n]*)$/gm)];
  return [...inline, ...typed].map(([, line = '']) => line);
}

const program = await createProgram({} as Hosts);

/** The first word that no command has, and long options that the command does not take. */
function problemOf(line: string): string[] {
  const words = line.replace(/ #.*| [<|>] .*/, '').match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  const { command, rest } = commandOf(words);
  if (command.commands.length > 0 && rest[0]?.match(/^[a-z]/)) return [line];
  const known = new Set(['--help', '--version', ...optionsOf(command), ...optionsOf(program)]);
  return words.filter((word) => word.startsWith('--') && !known.has(word)).map((word) => `${line}: ${word}`);
}

function commandOf(words: readonly string[]): { command: Command; rest: readonly string[] } {
  let command = program;
  const rest: string[] = [];
  for (const word of words) {
    const child = rest.length === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (child === undefined && !isOfGlobalOption(word, words)) rest.push(word);
    command = child ?? command;
  }
  return { command, rest };
}

/** `--server`, `--user`, `--config`, and what they are given, stand before the command. */
function isOfGlobalOption(word: string, words: readonly string[]): boolean {
  const before = words[words.indexOf(word) - 1] ?? '';
  return word.startsWith('--') || ['--server', '--user', '--config'].includes(before);
}

function optionsOf(command: Command): string[] {
  return command.options.flatMap(({ long }) => long ?? []);
}
