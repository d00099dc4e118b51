import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

/** What the scripts of the image import of what is built: nothing checks their types. */
async function importsOfImage(): Promise<{ source: string; names: string[] }[]> {
  const scripts = globSync('docker/image/*.js', { cwd: root });
  const texts = await Promise.all(scripts.map((script) => readFile(join(root, script), 'utf8')));
  const pattern = /import \{([^}]*)\} from '\.\.\/(apps\/[^']*)\/dist\/([^']*)\.js'/g;
  return texts.flatMap((text) =>
    [...text.matchAll(pattern)].map(([, names = '', app = '', file = '']) => ({
      source: `${app}/src/${file}.ts`,
      names: names.split(',').map((name) => name.trim()),
    })),
  );
}

test('the scripts of the image import what there is', async () => {
  const imports = await importsOfImage();
  expect(imports.length).toBeGreaterThanOrEqual(3);
  for (const { source, names } of imports) {
    const module = await import(pathToFileURL(join(root, source)).href);
    expect(Object.keys(module)).toEqual(expect.arrayContaining(names));
  }
});
