import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'berth-'));
});

afterEach(() => rm(root, { recursive: true }));

/** Answers the folders that were synced. */
async function make(path: string): Promise<string[]> {
  const synced: string[] = [];
  await makeFolder(join(root, path), async (folder) => void synced.push(relative(root, folder) || '.'));
  expect((await stat(join(root, path))).isDirectory()).toBe(true);
  return synced;
}

test('each folder that gained a name is synced, and no other', async () => {
  expect(await make('a/b/c')).toEqual(['a/b', 'a', '.']);
  expect(await make('a/b/d')).toEqual(['a/b']);
  expect(await make('a/b')).toEqual([]);
});

test('by itself', async () => {
  await makeFolder(join(root, 'a/b'));
  expect((await stat(join(root, 'a/b'))).mode & 0o777).toBe(0o750);
});
