import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { auditActions, auditActionsOf } from '@berth/protocol';
import { expect, test } from 'vitest';

/** The list of audit actions: what the pages say of it, and that there is nothing in it that never happens. */
const root = resolve(import.meta.dirname, '../../..');

test('docs/operations.md has every action, with what it means, and no other', async () => {
  const page = await readFile(resolve(root, 'docs/operations.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z.-]+)` \| (.+) \|$/gm)].map(([, name, meaning]) => [
    name,
    meaning,
  ]);
  const nouns = rows.filter(([name = '']) => auditActionsOf(name.replace(/\..*/, '')).length > 0);
  expect(nouns).toEqual(Object.entries(auditActions));
});

test('every action is recorded by something', async () => {
  const paths = globSync('packages/*/src/**/*.ts', { cwd: root });
  const sources = paths.filter((path) => !/\.test\.ts$|audit-actions\.ts$|\/testing\//.test(path));
  const texts = await Promise.all(sources.map((path) => readFile(resolve(root, path), 'utf8')));
  const all = texts.join('\n');
  const ofRoutes = all.includes('`registry.${route.needs}`') ? auditActionsOf('registry') : [];
  const recorded = (name: string) =>
    all.includes(`action: '${name}'`) || ofRoutes.some((each) => each === name);
  expect(Object.keys(auditActions).filter((name) => !recorded(name))).toEqual([]);
});
