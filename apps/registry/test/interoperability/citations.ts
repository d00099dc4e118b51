import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../../../..');

/** What one source or test cites of `docs/interoperability.md`. */
export interface Citations {
  /** From the top of the repository. */
  readonly path: string;
  readonly rules: ReadonlySet<number>;
  readonly security: ReadonlySet<number>;
}

const places = ['packages/*/src/**/*.ts', 'apps/registry/{src,test}/**/*.ts'];
const list = String.raw`(\d+(?:(?:, | and | to )\d+)*)`;
/** "rules 4 to 7" of a comment, `rule: 4` of a row, `rules: [19, 21]` of a table. */
const rule = new RegExp(String.raw`\brules?(?:: \[?| )${list}`, 'gi');
const security = new RegExp(String.raw`\bsecurity ${list}`, 'gi');
/** The tests of these files have no other numbers: "22, 39: many scopes". */
const title = new RegExp(String.raw`['\`]${list}: `, 'g');

export async function readCitations(): Promise<readonly Citations[]> {
  const found: Citations[] = [];
  for await (const path of glob(places, { cwd: root })) {
    const text = await readFile(join(root, path), 'utf8');
    const titles = /\/security[^/]*\.test\.ts$/.test(path) ? numbersIn(text, title) : [];
    const cited = { rules: numbersIn(text, rule), security: [...numbersIn(text, security), ...titles] };
    found.push({ path, rules: new Set(cited.rules), security: new Set(cited.security) });
  }
  return found;
}

function numbersIn(text: string, pattern: RegExp): number[] {
  return [...text.matchAll(pattern)].flatMap(([, numbers = '']) =>
    numbers.split(/, | and /).flatMap((part) => range(part.split(' to ').map(Number))),
  );
}

function range([first = 0, last = first]: readonly number[]): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
