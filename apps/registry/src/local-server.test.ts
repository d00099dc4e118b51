import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfiguration } from './config/index.ts';
import { openLocal } from './local-server.ts';

test('a command that finds no Berth says that it begins one, and the next one does not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'berth-'));
  const env = { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: join(folder, 'data') };
  const { configuration } = loadConfiguration({ env, cwd: folder, systemPaths: [] });
  const lines: string[] = [];
  for (let time = 0; time < 2; time += 1) {
    await (await openLocal(configuration, (line) => lines.push(line))).close();
  }
  await rm(folder, { recursive: true });
  expect(lines).toEqual([expect.stringContaining(`${join(folder, 'data', 'berth.db')} is new`)]);
});
