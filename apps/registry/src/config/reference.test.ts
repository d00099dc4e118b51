import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadConfiguration } from './index.ts';
import { configurationReference } from './reference.ts';

const pathOf = (name: string) => fileURLToPath(new URL(`../../../../${name}`, import.meta.url));

test('docs/configuration.md is what the schema says', () => {
  expect(readFileSync(pathOf('docs/configuration.md'), 'utf8')).toBe(configurationReference());
});

test('docker/config.yml says what is so without it, except for the folder', () => {
  const search = { env: {}, cwd: tmpdir(), systemPaths: [] };
  const { configuration, warnings, notices } = loadConfiguration({
    ...search,
    argument: pathOf('docker/config.yml'),
  });
  const defaults = loadConfiguration(search).configuration;
  const driver = { kind: 'filesystem', rootDirectory: '/var/lib/registry' };
  expect({ warnings, notices }).toEqual({ warnings: [], notices: [] });
  expect(configuration).toEqual({ ...defaults, storage: { ...defaults.storage, driver } });
});

test('docker/config.yml names every key that acts', () => {
  const commented = readFileSync(pathOf('docker/config.yml'), 'utf8');
  const documented = configurationReference().split('## Keys of the original')[0]!;
  const names = [...documented.matchAll(/^\| `([\w.]+)`/gm)].map(([, path]) => path!.split('.').at(-1)!);
  const missing = names.filter(
    (name) => name !== 'loglevel' && !new RegExp(`^[\\s#]*${name}:`, 'm').test(commented),
  );
  expect(missing).toEqual([]);
});
