import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigurationError, loadConfiguration, maskedConfiguration, renderProblem } from './index.ts';
import type { Configuration, LoadedConfiguration } from './index.ts';
import { choices } from './choices.table.ts';
import { foreignTokenServers } from './foreign-tokens.table.ts';
import { maintenance } from './maintenance.table.ts';
import { variables } from './overrides.table.ts';
import { places } from './places.table.ts';
import type { Row } from './row.table.ts';
import { s3Rows } from './s3.table.ts';
import { scalars } from './scalars.table.ts';
import { signingKeys } from './signing-keys.table.ts';
import { tokenServerAlone } from './token-server-alone.table.ts';
import { validation } from './validation.table.ts';
import { wholeFiles } from './whole-files.table.ts';
import { withoutEffect } from './without-effect.table.ts';

const rows = [
  ...wholeFiles,
  ...scalars,
  ...choices,
  ...foreignTokenServers,
  ...places,
  ...withoutEffect,
  ...variables,
  ...maintenance,
  ...validation,
  ...tokenServerAlone,
  ...signingKeys,
  ...s3Rows,
];

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'berth-config-'));
});
afterAll(() => rmSync(cwd, { recursive: true }));

type Outcome = { loaded?: LoadedConfiguration; errors: string[]; warnings: string[] };

function load({ file, env = {} }: Pick<Row, 'file' | 'env'>): Outcome {
  if (file !== undefined) writeFileSync(join(cwd, 'config.yml'), file);
  const argument = file === undefined ? {} : { argument: 'config.yml' };
  try {
    const loaded = loadConfiguration({ ...argument, env, cwd, systemPaths: [] });
    return { loaded, errors: [], warnings: loaded.warnings.map(renderProblem) };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { errors: error.problems.map(renderProblem), warnings: error.warnings.map(renderProblem) };
  }
}

describe('the configuration', () => {
  test.each(rows)('$is', (row) => {
    const { loaded, errors, warnings } = load(row);
    expect(errors).toEqual(row.errors ?? []);
    expect(warnings).toEqual(row.warnings ?? []);
    if (row.gives !== undefined) expect(loaded?.configuration).toMatchObject(row.gives);
    if (row.notices !== undefined) expect(loaded?.notices).toHaveLength(row.notices);
  });

  const accepted = rows.filter(({ errors }) => errors === undefined);
  test.each(accepted)('shown and read again: $is', (row) => {
    const { configuration } = load(row).loaded!;
    const again = load({ file: dump(maskedConfiguration(configuration)) });
    expect(again.errors.concat(again.warnings)).toEqual([]);
    expect(again.loaded!.configuration).toEqual(withoutSecrets(configuration));
  });
});

/** As it is shown. */
function withoutSecrets(configuration: Configuration): unknown {
  const secrets = new Set(['secret', 'accessKeyId', 'secretAccessKey', 'sessionToken']);
  return JSON.parse(JSON.stringify(configuration), (key, value) => (secrets.has(key) ? '********' : value));
}

test('without a file the data is below the working directory', () => {
  const { configuration, source, notices } = load({}).loaded!;
  expect(configuration.storage.driver).toEqual({ kind: 'filesystem', rootDirectory: join(cwd, 'data') });
  expect(source).toEqual({ kind: 'defaults' });
  expect(notices).toEqual([]);
});

test('without storage the database is below the working directory, or where the installation has it', () => {
  const env = { REGISTRY_STORAGE: 'none', REGISTRY_AUTH_BUILTIN_SERVICES_0_NAME: 'r.example.com' };
  const placed = (more: { dataFolder?: string }) =>
    loadConfiguration({ env, cwd, systemPaths: [], ...more }).configuration.storage.driver;
  expect(placed({})).toEqual({ kind: 'none', folder: join(cwd, 'data') });
  expect(placed({ dataFolder: '/var/lib/registry' })).toEqual({ kind: 'none', folder: '/var/lib/registry' });
});

test('a relative folder is below the working directory', () => {
  const file = 'version: 0.1\nstorage: {filesystem: {rootdirectory: blobs}}\n';
  const { configuration } = load({ file }).loaded!;
  expect(configuration.storage.driver).toEqual({ kind: 'filesystem', rootDirectory: join(cwd, 'blobs') });
});
