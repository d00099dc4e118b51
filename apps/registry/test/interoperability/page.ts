import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './citations.ts';

/** One numbered row of `docs/interoperability.md`. */
export interface Entry {
  readonly number: number;
  /** Paths of the tests that hold it, from the top of the repository. */
  readonly heldIn: readonly string[];
}

export interface Page {
  readonly rules: readonly Entry[];
  readonly security: readonly Entry[];
}

/** What has no folder in the page is in `apps/registry/test/`; these are elsewhere. */
const elsewhere: Readonly<Record<string, string>> = {
  endpoint: 'packages/token-server/src/tokens/endpoint.test.ts',
  'brute-force': 'packages/token-server/src/authenticators/brute-force.test.ts',
};

export async function readPage(): Promise<Page> {
  const text = await readFile(join(root, 'docs/interoperability.md'), 'utf8');
  const [, rules = '', security = ''] = text.split(/^## /m);
  return { rules: entriesOf(rules), security: entriesOf(security) };
}

function entriesOf(section: string): Entry[] {
  return [...section.matchAll(/^\| (\d+) \|.*\| (.*) ?\|$/gm)].map(([, number, cell = '']) => ({
    number: Number(number),
    heldIn: cell.split(', ').flatMap((word) => (word.trim() === '' ? [] : [pathOf(word.trim())])),
  }));
}

function pathOf(word: string): string {
  const kind = word.startsWith('wire/') ? 'table' : 'test';
  return elsewhere[word] ?? `apps/registry/test/${word}.${kind}.ts`;
}
