import { chmod, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { berthEnvironment, type BerthProcess } from '../support/berth-process.ts';
import { run, type CommandResult } from '../support/command.ts';

const page = resolve(import.meta.dirname, '../../../../docs/access.md');
const launcher = resolve(import.meta.dirname, '../../bin/berth.js');
/** How the page calls the server. */
const example = 'https://registry.example.com';

/** The commands of each recipe, by its title: each block of `sh` as it is written. */
export async function readRecipes(): Promise<ReadonlyMap<string, readonly string[]>> {
  const [, text = ''] = (await readFile(page, 'utf8')).split(/^## Recipes$/m);
  const sections = text.split(/^### /m).slice(1);
  return new Map(sections.map((section) => [section.slice(0, section.indexOf('\n')), blocksOf(section)]));
}

/** A command that the page shows with its output. */
export async function readShown(): Promise<{ readonly command: string; readonly output: string }> {
  const [, command = '', output = ''] =
    /^```console\n\$ (.*)\n([^]*?)^```$/m.exec(await readFile(page, 'utf8')) ?? [];
  return { command, output };
}

/** The one command inside a sentence that begins so. */
export async function readInline(beginning: string): Promise<string> {
  const inline = [...(await readFile(page, 'utf8')).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  const found = inline.find((code) => code.startsWith(beginning));
  if (found === undefined) throw new Error(`the page has no ${beginning}`);
  return found;
}

/** The blocks of `sh` of another page of `docs/`, by the title of their section. */
export async function readSections(name: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const sections = (await readFile(join(dirname(page), name), 'utf8')).split(/^##+ /m).slice(1);
  return new Map(sections.map((section) => [section.slice(0, section.indexOf('\n')), blocksOf(section)]));
}

function blocksOf(section: string): string[] {
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

export interface Shell {
  /** Runs a block as somebody would who pastes it; it has to succeed. Gives what it prints. */
  paste(block: string): Promise<string>;
}

interface ShellOptions {
  readonly password: string;
  readonly files: Readonly<Record<string, string>>;
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A shell on the machine of the server, in a folder with the files that the page speaks of. */
export async function openShell(
  berth: Pick<BerthProcess, 'folder' | 'url'>,
  folder: string,
  { password, files, env: more = {} }: ShellOptions,
): Promise<Shell> {
  const program = `#!/bin/sh\nexec "${process.execPath}" --conditions=source "${launcher}" "$@"\n`;
  await writeFile(join(folder, 'berth'), program);
  await chmod(join(folder, 'berth'), 0o700);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const path = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  const env = berthEnvironment(berth.folder, { PATH: path, BERTH_PASSWORD: password, ...more });
  return {
    async paste(block) {
      const text = block.replaceAll(example, berth.url);
      return succeeded(await run('/bin/sh', ['-eu', '-c', text], { env, cwd: folder }), text);
    },
  };
}

function succeeded({ code, stdout, stderr }: CommandResult, text: string): string {
  if (code !== 0) throw new Error(`${text} ended with ${code}: ${stderr}`);
  return stdout;
}
